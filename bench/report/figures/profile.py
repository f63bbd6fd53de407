"""The score profile: how many runs reach which score, over all tasks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...statistics.stratified import score_profile
from ..analysis.comparison import Comparison
from .exhibit import FigureExhibit
from .style import canvas, handle, highlights, legend_below, short

GRID = np.linspace(0, 1.5, 151)  # a retained share ends at 1.5


def profile(comparison: Comparison) -> Figure | None:
    """P(score > t) of the highlighted strategies, with 95 % bands among few of them.

    Over the (task, seed) pairs that all of them have; a failed run scores 0. None without
    normalised scores.
    """
    if comparison.leaderboard is None:
        return None
    runs = comparison.study.runs[comparison.study.runs["shown"]]
    scores = runs["normalized_score"].where(runs["status"] == "ok", 0.0)
    known = runs.groupby(["task", "seed"])["normalized_score"].transform("count") > 0
    table = runs.assign(score=scores)[known].pivot(
        index="label", columns=["task", "seed"], values="score"
    )
    tasks = comparison.leaderboard.table["tasks"]
    whole = set(tasks.index[tasks == tasks.max()]) & set(table.index)  # one that lacks tasks, not
    marks = {label: mark for label, mark in highlights(comparison).items() if label in whole}
    table = table.reindex(list(marks)).dropna(axis="columns")
    if table.shape[1] < 2:
        return None
    strata = pd.factorize(table.columns.get_level_values("task"))[0]
    value, low, high = score_profile(table.to_numpy(), strata, GRID)
    figure, axes = canvas(height=3.4)
    for k, mark in enumerate(marks.values()):
        shape = {"marker": mark.marker, "mfc": mark.face, "ms": 4, "markevery": (k % 15, 15)}
        axes.plot(100 * GRID, value[k], color=mark.colour, ls=mark.line, lw=1.4, **shape)
        if len(marks) <= 3:  # more bands would hide each other
            axes.fill_between(100 * GRID, low[k], high[k], color=mark.colour, alpha=0.13, lw=0)
    # Where all profiles are 1 or 0 there is nothing to see.
    moving = 100 * GRID[(value.min(axis=0) < 1) & (value.max(axis=0) > 0)]
    if len(moving):
        axes.set_xlim(moving[0] - 2, moving[-1] + 2)
    axes.set_xlabel("Normalised score t, %")
    axes.set_ylabel("Share of runs above t")
    axes.set_title("All tasks: score profile")
    legend_below(figure, [handle(short(label), mark, line=True) for label, mark in marks.items()])
    return figure


PROFILE = FigureExhibit(
    name="profile",
    draw=profile,
    place="leaderboard",
    caption="Share of all runs whose score lies above t: where a strategy is good, and how often "
    "it fails (left).",
)
