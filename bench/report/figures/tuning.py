"""Tuning in pictures: every trial of some strategies, and the best score after k trials of all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from ...plan.baselines import STATIC_WEIGHTS
from ..analysis import tuning
from ..analysis.comparison import Comparison
from ..analysis.equal_compute import costs
from .exhibit import FigureExhibit
from .style import (
    GRID,
    INK,
    QUIET,
    WIDTH,
    canvas,
    handle,
    highlights,
    legend_below,
    quiet_lines,
    short,
    title,
)

MOST = 6  # strategies with a panel of their own


def tuned(comparison: Comparison, task: str) -> Figure | None:
    """Validation score against learning rate, a panel each for the highlighted strategies.

    Ringed is the chosen trial; crosses at the bottom failed; the band is the learning rates of
    the trials within 1 % of the best. None when the task was not tuned.
    """
    study = comparison.study
    table = tuning.trials(study, task)
    marks = highlights(comparison)
    labels = [label for label in marks if (table["label"] == label).any()][:MOST]
    ok = table[(table["status"] == "ok") & table["label"].isin(labels)]
    limits = tuning.searched(study, task)
    if ok.empty or limits is None:
        return None
    rows = -(-len(labels) // 2)
    figure = Figure(figsize=(WIDTH, 0.9 + 1.35 * rows), layout="constrained")
    panels = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False).ravel()
    low, high = _range(100 * ok["score"])
    summary = comparison.tuning.xs(task, level="task")
    for panel, label in zip(panels, labels, strict=False):
        mine = table[table["label"] == label]
        _panel(panel, mine, marks[label].colour, (low, high))
        row = summary.loc[label]
        panel.axvspan(row["band_low"], row["band_high"], color=GRID, alpha=0.6, lw=0, zorder=0)
        panel.set_title(short(label), fontsize=8.5)
    for panel in panels[len(labels) :]:
        panel.set_visible(False)
    panels[0].set(xscale="log", xlim=(limits[0] * 0.8, limits[1] * 1.25), ylim=(low, high))
    for panel in panels:  # a mark for each power of ten, in words that need no typesetting
        panel.xaxis.set_minor_locator(NullLocator())
        panel.xaxis.set_major_formatter("{x:g}")
    for panel in panels[max(0, len(labels) - 2) : len(labels)]:
        panel.set_xlabel("Learning rate")
        panel.tick_params(labelbottom=True)
    figure.supylabel("Score, %", fontsize=9.5)
    figure.suptitle(title(task, "tuning trials on validation"), x=0.01, ha="left", fontsize=10)
    legend_below(
        figure,
        [
            Line2D([], [], ls="", marker="o", color=QUIET, ms=4, label="trial"),
            Line2D([], [], ls="", marker="o", mfc="none", mec=INK, ms=8, label="chosen"),
            Line2D([], [], ls="", marker="x", color=INK, ms=5, label="failed"),
            Line2D([], [], color=GRID, lw=6, label="within 1 % of the best"),
        ],
        columns=4,
    )
    return figure


def _panel(axes: Axes, table: pd.DataFrame, colour: str, limits: tuple[float, float]) -> None:
    low, high = limits
    ok = table[table["status"] == "ok"]
    # A score far below the others stands at the lower edge: it is known to be there.
    scores = (100 * ok["score"]).clip(lower=low + 0.03 * (high - low))
    axes.plot(ok["learning_rate"], scores, "o", color=colour, ms=4, clip_on=False)
    chosen = ok["chosen"].to_numpy()
    axes.plot(ok["learning_rate"][chosen], scores[chosen], "o", mfc="none", mec=INK, ms=8)
    failed = table.loc[table["status"] != "ok", "learning_rate"]
    axes.plot(failed, [low + 0.05 * (high - low)] * len(failed), "x", color=INK, ms=5)
    sns.despine(ax=axes)


def _range(scores: pd.Series) -> tuple[float, float]:
    """Limits of the score: a few trials far below do not hide how the others differ."""
    high, low = scores.max(), max(scores.min(), scores.quantile(0.75) - 40)
    margin = 0.08 * ((high - low) or 1.0)
    return low - 2 * margin, high + margin


def best_of_k(comparison: Comparison, task: str) -> Figure | None:
    """The best validation score of the first k trials, charged for the time that they take."""
    table = tuning.trials(comparison.study, task)
    if not ((table["status"] == "ok") & table["score"].notna()).any():
        return None
    best, marks = 100 * tuning.best_so_far(table), highlights(comparison)
    figure, axes = canvas(height=3.3)
    cost = costs(comparison.study, task)
    compute = {
        label: best.index.to_numpy() * cost.get(label, np.nan if len(cost) else 1.0)
        for label in best
    }
    others = [label for label in best if str(label) not in marks]
    # The corners of the steps: a score holds until a later trial is better.
    quiet_lines(
        axes,
        [(np.repeat(compute[label], 2)[1:], np.repeat(best[label], 2)[:-1]) for label in others],
    )
    for label, mark in reversed(marks.items()):  # the baseline on top
        if label in best:
            shape = {"marker": mark.marker, "mfc": mark.face, "ms": 4, "ls": mark.line}
            axes.step(compute[label], best[label], where="post", color=mark.colour, **shape)
    last = best.iloc[-1].dropna()
    low, high = _range(pd.concat([last, best.iloc[0].dropna()]))
    axes.set_ylim(low, high)
    unit = f"Trials of {STATIC_WEIGHTS}: all are charged for the time of theirs"
    axes.set_xlabel("Trials" if cost.empty else unit)
    axes.set_ylabel("Score, %")
    axes.set_title(title(task, "best validation score so far"))
    handles = [handle(short(x), mark, line=True) for x, mark in marks.items() if x in best]
    if len(handles) < best.shape[1]:
        handles.append(Line2D([], [], color=QUIET, lw=1, label="the others"))
    legend_below(figure, handles)
    return figure


TUNING = FigureExhibit(
    name="{task}-tuning",
    draw=tuned,
    place="task",
    weight=3,
    caption="Every tuning trial of some strategies; the band holds the learning rates within 1 % "
    "of the best score.",
)
BEST_OF_K = FigureExhibit(
    name="{task}-best_of_k",
    draw=best_of_k,
    place="task",
    weight=1,
    caption="How the best validation score (the way from chance to perfect) grew with the trials, "
    "each charged for the training time of its steps. The first has the default configuration, and "
    "a failed one counts.",
)
