"""The conflict of the losses in pictures."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from ...text.numbers import percent
from ..analysis.comparison import Comparison
from .exhibit import FigureExhibit
from .overview import BLUE, ORANGE
from .style import FEW, MANY, PAPER, QUIET, WIDTH, highlights, plain, short, title

COLOURS = LinearSegmentedColormap.from_list("cosine", [ORANGE, PAPER, BLUE])
BESIDE = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "size": 8}
BINS = 20  # columns of the picture: the recorded moments, or parts of the run
PAIRS = 10  # at most so many pairs of losses have a panel: those with the strongest cosines


def conflict(comparison: Comparison, task: str) -> Figure | None:
    """Mean cosine over seeds by strategy and training progress, one panel per pair of losses.

    Orange is conflict: a step along one gradient raises the other loss. The share of recorded
    moments below 0 stands beside each row where a run finished; grey is where no seed trained any
    more. Of many strategies a few are shown, and of more than 10 pairs those with the strongest
    cosines. None with one loss or where none were recorded.
    """
    study = comparison.study
    data = comparison.cosines.get(task)
    if data is None:
        return None
    rows, pairs = _shown(comparison, task, data)
    data = data[data["label"].isin(rows) & data["pair"].isin(pairs)]
    steps = max(int(study.plan["tasks"][task].get("steps") or 0), data["step"].max() + 1)
    bins = min(BINS, data["step"].nunique())
    data = data.assign(place=data["step"] * bins // steps, below=data["cosine"] < 0)
    means = data.groupby(["pair", "label", "place"])["cosine"].mean()
    below = data.groupby(["pair", "label"])["below"].mean()
    limit = float(np.clip(means.abs().quantile(0.98), 0.1, 1.0))
    norm = Normalize(-limit, limit)

    across = min(len(pairs), 2)
    down = math.ceil(len(pairs) / across)
    size = (1 + across) / 2 * WIDTH, 1.5 + down * (0.35 + 0.2 * len(rows))
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[len(pairs) :]:
        axes.set_visible(False)
    for axes, pair in zip(grid.flat, pairs, strict=False):
        table = means[pair].unstack("place").reindex(index=rows, columns=range(bins))
        # Between two moments the earlier one holds; nothing does after the last.
        table = table.ffill(axis=1).where(table.bfill(axis=1).notna())
        axes.imshow(
            table,
            aspect="auto",
            cmap=COLOURS,
            norm=norm,
            extent=(0, steps, len(rows) - 0.5, -0.5),
            interpolation="nearest",
        )
        axes.set_facecolor(QUIET)
        axes.set_title(plain(pair))
        axes.set_yticks(range(len(rows)), [short(label, 24) for label in rows])
        axes.grid(visible=False)
        axes.tick_params(length=0)
        for y, label in enumerate(rows):
            ok = comparison.tasks[task].at[label, "ok"] > 0
            share = below.get((pair, label), math.nan) if ok else math.nan
            axes.annotate(percent(share), (1, y), xycoords=("axes fraction", "data"), **BESIDE)
        axes.annotate("below 0", (1, 1), xycoords="axes fraction", **{**BESIDE, "va": "bottom"})
    for axes in grid.flat[len(pairs) - across : len(pairs)]:  # the lowest of each column
        axes.set_xlabel("Step")
        axes.tick_params(labelbottom=True)
    for axes in grid[:, 0]:
        for label, text in zip(rows, axes.get_yticklabels(), strict=True):
            text.set_fontweight("bold" if label == comparison.baseline else "normal")
    words = "mean cosine (orange: conflict, blue: agreement)"
    figure.colorbar(
        ScalarMappable(norm, COLOURS),
        ax=grid,
        location="bottom",
        aspect=40,
        shrink=0.6,
        label=words,
    )
    words = "do the losses pull apart? Cosine of their gradients"
    figure.suptitle(title(task, words), x=0.01, ha="left", fontsize=10)
    return figure


def _shown(comparison: Comparison, task: str, data: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Strategies, those with the most conflict first, and pairs of losses that are drawn.

    With several pairs few strategies fit: of those that finished, the baseline and the ones whose
    cosines differ most from its.
    """
    means = data.groupby(["label", "pair"])["cosine"].mean().unstack("pair")
    strongest = means.mean().abs().nlargest(PAIRS).index
    pairs = [pair for pair in data["pair"].unique() if pair in strongest]
    means = means[pairs]
    rows = [label for label in comparison.study.labels if label in means.index]
    if len(rows) > MANY:
        rows = [label for label in highlights(comparison) if label in means.index] or rows[:FEW]
    if len(pairs) > 1:
        finished = comparison.tasks[task]["ok"] > 0
        rows = [label for label in rows if finished[label]] or rows
        first = comparison.baseline if comparison.baseline in rows else rows[0]
        distance = (means.loc[rows] - means.loc[first]).abs().mean(axis=1)
        rows = [first, *distance.drop(first).nlargest(FEW - 1).index]
    return list(means.loc[rows].mean(axis=1).sort_values(kind="stable").index), pairs


CONFLICT = FigureExhibit(
    name="{task}-conflict",
    draw=conflict,
    place="task",
    caption="Cosine of the gradients of two losses by the shared parameters, over training.",
)
