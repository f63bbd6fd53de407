"""What all figures share: colours that everyone can tell apart, marks, letters, legends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..analysis.comparison import Comparison

# The report swaps these four for its own colours, so that figures follow light and dark.
INK, GRID, QUIET, PAPER = "#1b1f24", "#dfe3e8", "#9aa2ab", "#fefefe"
# Okabe and Ito's palette, told apart by colour-blind readers, on light and dark paper.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#a6761d")
MARKERS = "osD^vPX*"
MANY = 2 * len(PALETTE)  # more strategies than this: few in colour, the rest grey
FEW = 6  # the few
WIDTH = 5.6  # inches: letters stay readable on a telephone
STYLE: Any = {  # matplotlib's types name every key
    **sns.axes_style("whitegrid"),
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # fixed: no looking whether ticks are in the way, each time it is drawn
    "axes.labelsize": 9.5,
    "legend.fontsize": 8.5,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": GRID,
    "axes.facecolor": "none",
    "figure.facecolor": PAPER,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text: small, selectable, in the reader's font
    "svg.hashsalt": "lossbench",
    "font.family": "sans-serif",
}


class Mark(NamedTuple):
    """How a strategy looks: the second eight are hollow and dashed."""

    colour: str
    marker: str
    line: str
    filled: bool

    @property
    def face(self) -> str:
        """The colour inside its marker."""
        return self.colour if self.filled else PAPER


OTHER = Mark(QUIET, ".", "-", True)


def highlights(comparison: Comparison) -> dict[str, Mark]:
    """Label to look, the same in all figures: all strategies, or the baseline and the best few.

    The best are those on top of the leaderboard; without one, those with the smallest mean rank of
    the difference over the tasks.
    """
    labels = comparison.study.labels
    if len(labels) > MANY:
        best = [label for label in _order(comparison) if label != comparison.baseline]
        labels = [comparison.baseline, *best[: FEW - 1]]
    marks = [
        Mark(colour, marker, line, line == "-")
        for line in ("-", "--")
        for colour, marker in zip(PALETTE, MARKERS, strict=True)
    ]
    return dict(zip(labels, marks, strict=False))


def _order(comparison: Comparison) -> list[str]:
    """Strategies, the best first; those that lack tasks last: their mean is another one."""
    if comparison.leaderboard is not None:
        table = comparison.leaderboard.table.dropna(subset=["mean"])
        order = table.sort_values(["tasks", "mean"], ascending=False, kind="stable")
        return list(order.index)
    ranks = comparison.overall.filter(like=" difference").rank(ascending=False).mean(axis=1)
    return list(ranks.dropna().sort_values(kind="stable").index)


def short(label: str, most: int = 30) -> str:
    """A label that fits an axis: the middle of a long one is left out."""
    if len(label) > most:
        head = (most - 1) * 2 // 3
        label = f"{label[:head]}…{label[len(label) - (most - 1 - head) :]}"
    return plain(label)


def plain(text: str) -> str:
    """Text that matplotlib takes as it is: `$` starts no formula, `_` hides nothing."""
    text = text.replace("$", r"\$")
    return "\u200b" + text if text.startswith("_") else text


def canvas(height: float, beside: bool = False) -> tuple[Figure, Axes]:
    """An empty figure: without pyplot, so no global state, no window and nothing to close.

    Args:
        height: inches.
        beside: with a small second panel at the right, `figure.axes[1]`.
    """
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(1, 2, width_ratios=[3.2, 1])[0] if beside else figure.subplots()
    sns.despine(figure)
    return figure, axes


def quiet_lines(axes: Axes, lines: Iterable[tuple[Any, Any]]) -> None:
    """The x and y of strategies that are not highlighted: thin grey lines in the background."""
    segments = [np.column_stack(line) for line in lines]
    axes.add_collection(LineCollection(segments, colors=QUIET, linewidths=0.8, alpha=0.5, zorder=1))
    axes.autoscale_view()


def handle(label: str, mark: Mark, line: bool = False) -> Line2D:
    """An entry of a legend: its shape, and its line where the figure has lines."""
    style = {"color": mark.colour, "marker": mark.marker, "mfc": mark.face, "ms": 6}
    return Line2D([], [], ls=mark.line if line else "", label=label, **style)


def legend_below(figure: Figure, handles: list[Line2D], columns: int = 2) -> None:
    """A legend below the axes, where it hides nothing."""
    figure.legend(handles=handles, loc="outside lower left", ncols=columns)


def title(task: str, words: str) -> str:
    """A title that stands alone: the PNG file may go anywhere."""
    return f"{short(task)}: {words}"


def metric_axis(comparison: Comparison, task: str, metric: str) -> str:
    """The name of an axis that shows a metric, with its direction."""
    higher = comparison.study.metrics(task)[metric]["higher_is_better"]
    return f"{plain(metric)} ({'higher' if higher else 'lower'} is better)"
