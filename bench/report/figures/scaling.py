"""How the cost of a step grows with losses and parameters, from scaling.parquet."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from ...plan.baselines import BASELINE
from ..analysis.comparison import Comparison
from .exhibit import FigureExhibit
from .save import save
from .style import INK, MARKERS, PALETTE, PAPER, QUIET, STYLE, WIDTH, legend_below


def theory(losses: np.ndarray) -> np.ndarray:
    """Time of K backward passes over that of one, each with the same forward pass.

    A backward pass of dense layers is twice the arithmetic of the forward pass, so (1 + 2 K) / 3.

    >>> theory(np.array([1, 4])).tolist()
    [1.0, 3.0]
    """
    return (1 + 2 * np.asarray(losses)) / 3


def figure(rows: pd.DataFrame) -> Figure | None:
    """A panel for each number of parameters: time over `sum` by the number of losses.

    None without a row that was timed.
    """
    timed = rows[(rows["status"] == "ok") & (rows["label"] != BASELINE)]
    timed = timed[timed["device"] == timed["device"].min()]  # "cpu" before "gpu"
    if timed.empty:
        return None
    sizes = sorted(timed["wanted"].unique())
    across = min(2, len(sizes))
    down = -(-len(sizes) // across)
    drawn = Figure(figsize=(WIDTH, 0.9 + 2.1 * down), layout="constrained")
    panels = drawn.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in panels[len(sizes) :]:
        axes.set_visible(False)
    labels = list(dict.fromkeys(timed["label"]))
    for axes, size in zip(panels, sizes, strict=False):
        here = timed[timed["wanted"] == size]
        reach = np.array(sorted(here["losses"].unique()))
        axes.plot(reach, theory(reach), color=QUIET, lw=4, alpha=0.5, zorder=1)
        for (label, xla), line in here.groupby(["label", "xla"]):
            line = line.sort_values("losses")
            i = labels.index(label)
            axes.plot(
                line["losses"],
                line["ratio"],
                color=PALETTE[i % len(PALETTE)],
                marker=MARKERS[i % len(MARKERS)],
                ms=4,
                mfc=PALETTE[i % len(PALETTE)] if xla == "on" else PAPER,
                ls="-" if xla == "on" else "--",
                lw=1.2,
            )
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter("{x:.0f}")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_title(f"{size:,.0f} parameters".replace(",", "\u2009"))
    for axes in panels[max(0, len(sizes) - across) : len(sizes)]:
        axes.set_xlabel("Losses")
    drawn.supylabel(f"Time of a step over {BASELINE}", fontsize=9.5)
    handles = [
        Line2D([], [], color=PALETTE[i % len(PALETTE)], marker=MARKERS[i % len(MARKERS)],
               ms=5, label=str(label))
        for i, label in enumerate(labels)
    ]  # fmt: skip
    handles += [
        Line2D([], [], color=INK, label="XLA on"),
        Line2D([], [], color=INK, ls="--", label="XLA off"),
        Line2D([], [], color=QUIET, lw=4, alpha=0.5, label="forward + K backward passes"),
    ]
    legend_below(drawn, handles)
    return drawn


def write(rows: pd.DataFrame, directory: Path) -> list[Path]:
    """scaling.svg and scaling.png in a folder; nothing when no row was timed."""
    with mpl.rc_context(STYLE):
        drawn = figure(rows)
        if drawn is None:
            return []
        directory.mkdir(parents=True, exist_ok=True)
        svg = save(drawn, directory / SCALING.name)
    return [svg, svg.with_suffix(".png")]


def scaling(comparison: Comparison) -> Figure | None:
    """The figure of a study; None where `lossbench time --scaling` has not run."""
    return None if comparison.scaling is None else figure(comparison.scaling)


SCALING = FigureExhibit(
    name="scaling",
    draw=scaling,
    place="cost",
    caption="How the time of a step grows with the number of losses.",
)
