"""All strategies on all tasks in one picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ..analysis.comparison import Comparison
from ..analysis.verdicts import mark, tone
from .exhibit import FigureExhibit
from .style import PAPER, QUIET, short

STRONG = 4.0  # standard deviations of the baseline over seeds: the full colour
# The palette's blue and orange, but for one digit: the page must not brighten them in the dark,
# where the pale colours between would stay as they are.
BLUE, ORANGE = "#0072b3", "#d55e01"


def overview(comparison: Comparison) -> Figure | None:
    """Tasks by strategies, coloured by the paired difference to the baseline.

    The unit is the standard deviation of the baseline over seeds, so that tasks with different
    metrics share a scale. Marked is what passes the corrected test.
    """
    tables = comparison.tasks
    others = [label for label in comparison.study.labels if label != comparison.baseline]
    if not others:
        return None
    size = pd.DataFrame({task: _effect(comparison, task) for task in tables}).loc[others]
    order = size.rank(ascending=False).mean(axis=1).sort_values(kind="stable").index
    size = size.loc[order].T
    marks = pd.DataFrame({task: table["verdict"].map(_mark) for task, table in tables.items()}).loc[
        order
    ]
    figure = Figure(
        figsize=(max(9.5, 2.2 + 0.24 * len(order)), 2.1 + 0.34 * len(tables)), layout="constrained"
    )
    axes = figure.subplots()
    axes.set_facecolor(QUIET)
    sns.heatmap(
        size.clip(-STRONG, STRONG),
        ax=axes,
        cmap=LinearSegmentedColormap.from_list("difference", [ORANGE, PAPER, BLUE]),
        vmin=-STRONG,
        vmax=STRONG,
        linewidths=0.6,
        linecolor=PAPER,
        cbar_kws={"label": f"seed SDs of {comparison.baseline}", "aspect": 12, "pad": 0.01},
        xticklabels=[short(str(label), 24) for label in order],
    )
    for (y, x), sign in np.ndenumerate(marks.T.to_numpy()):
        if sign:  # black: the colours below are the same in the dark
            axes.text(x + 0.5, y + 0.5, sign, size=7, color="#000000", ha="center", va="center")
    axes.set(xlabel="", ylabel="", title=f"Better or worse than {comparison.baseline}, by task")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.tick_params(axis="x", rotation=90)
    axes.tick_params(axis="y", rotation=0)
    figure.legend(
        handles=[
            Patch(color=BLUE, label="better (▲ after the correction)"),
            Patch(color=ORANGE, label="worse (▼ after the correction)"),
            Patch(color=QUIET, label="not run, or no run finished"),
        ],
        loc="outside lower center",
        ncols=3,
    )
    return figure


def _mark(verdict: str) -> str:
    """The mark of what passed the test after the correction."""
    return mark(verdict) if tone(verdict) in ("better", "worse") else ""


def _effect(comparison: Comparison, task: str) -> pd.Series:
    """Oriented difference of each strategy in standard deviations of the baseline."""
    table = comparison.tasks[task]
    spread = table.at[comparison.baseline, f"{comparison.study.criterion(task)} sd"]
    with np.errstate(divide="ignore", invalid="ignore"):
        return table["difference"] / spread


OVERVIEW = FigureExhibit(
    name="overview",
    draw=overview,
    place="overall",
    caption="Colour: paired difference to {baseline} in standard deviations of {baseline} over "
    "seeds. Marked: it passed the correction for many comparisons.",
)
