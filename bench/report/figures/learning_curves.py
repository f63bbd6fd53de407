"""Learning curves: the validation metric against the step."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..analysis.comparison import Comparison
from .exhibit import FigureExhibit
from .style import (
    INK,
    QUIET,
    canvas,
    handle,
    highlights,
    legend_below,
    metric_axis,
    quiet_lines,
    short,
    title,
)

BANDS = 8  # more strategies than this: their bands would hide each other


def learning_curves(comparison: Comparison, task: str) -> Figure | None:
    """Mean over the seeds that finished, a band of one SD among few; failed seeds one by one.

    Strategies that are not highlighted are grey lines. None when the task has no series.
    """
    study, marks = comparison.study, highlights(comparison)
    data = comparison.validation.get(task)
    if data is None:
        return None
    figure, axes = canvas(height=3.6)
    finished = data[data["ok"]].groupby(["label", "step"], sort=False)["value"]
    means = finished.agg(["mean", "std"])
    drawn = list(means.index.unique("label"))
    by_label = {label: table.droplevel("label") for label, table in means.groupby("label")}
    others = [by_label[label]["mean"] for label in drawn if label not in marks]
    quiet_lines(axes, [(mean.index, mean) for mean in others])
    for label in drawn:
        if label not in marks:
            continue
        mean, sd, mark = by_label[label]["mean"], by_label[label]["std"], marks[label]
        every = (list(marks).index(label) % 5, 5)  # marks of different curves do not coincide
        shape = {"marker": mark.marker, "mfc": mark.face, "markevery": every, "ms": 4}
        axes.plot(mean, color=mark.colour, ls=mark.line, lw=1.5, **shape)
        if len(drawn) <= BANDS and sd.notna().any():
            band = {"color": mark.colour, "alpha": 0.13, "lw": 0}
            axes.fill_between(mean.index, mean - sd, mean + sd, **band)
    failed = data[~data["ok"] & data["label"].isin(marks)]
    for (label, _), seed in failed.groupby(["label", "seed"], sort=False):
        axes.plot(seed["step"], seed["value"], ":", color=marks[label].colour, lw=0.9)
        axes.plot(*seed.iloc[-1][["step", "value"]], "x", color=marks[label].colour, ms=5)
    spread = " and SD" if len(drawn) <= BANDS else ""
    _fit(axes, means)
    axes.set_xlabel("Step")
    axes.set_ylabel(metric_axis(comparison, task, study.primary(task)))
    axes.set_title(title(task, f"validation during training, mean{spread} over seeds"))
    counts = comparison.tasks[task]
    handles = []
    for label, mark in marks.items():
        ok, failures = int(counts.at[label, "ok"]), int(counts.at[label, "failures"])
        if ok + failures:
            note = f" ({ok} of {ok + failures} finished)" if failures else ""
            handles.append(handle(short(label) + note, mark, line=True))
    if set(drawn) - set(marks):
        handles.append(Line2D([], [], color=QUIET, lw=1, label="the others"))
    if len(failed):
        handles.append(Line2D([], [], color=INK, ls=":", marker="x", ms=5, lw=1, label="failed"))
    legend_below(figure, handles)
    return figure


def _fit(axes: Axes, means: pd.DataFrame) -> None:
    """The vertical range of what follows the start, without the few curves that are far off.

    All begin near chance: a picture that reached down to there would hide how they differ.
    """
    steps = means.index.get_level_values("step")
    late = means[steps >= 0.15 * steps.max()]
    spread = late["std"].median() if late["std"].notna().any() else 0.0
    low, high = late["mean"].quantile(0.03) - 2 * spread, late["mean"].quantile(0.97) + 2 * spread
    reach = 0.25 * (high - low)
    if reach > 0:
        bottom, top = axes.get_ylim()
        axes.set_ylim(max(bottom, low - reach), min(top, high + reach))


LEARNING_CURVES = FigureExhibit(
    name="{task}-learning_curves",
    draw=learning_curves,
    place="task",
    weight=4,
    caption="Learning curves. The start, where all are near chance, may lie outside. Dotted lines "
    "that end in a cross are seeds that failed.",
)
