"""Learning curves: the validation metric against the step."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .compare import Comparison
from .drawing import (
    INK,
    QUIET,
    canvas,
    handle,
    highlights,
    legend_below,
    marker,
    metric_axis,
    short,
    title,
)
from .study import Study


def curves(comparison: Comparison, task: str) -> Figure | None:
    """Mean over the seeds that finished, and a band of one SD; failed seeds one by one.

    Strategies that are not highlighted are grey lines. None when the task has no series.
    """
    study, colours = comparison.study, highlights(comparison)
    data = _validation(study, task)
    if data is None:
        return None
    figure, axes = canvas(height=3.6)
    finished = data[data["ok"]].groupby(["label", "step"], sort=False)["value"]
    means = finished.agg(["mean", "std"])
    drawn = list(means.index.unique("label"))
    for label in drawn:
        mean, sd = means.loc[label, "mean"], means.loc[label, "std"]
        if label not in colours:
            axes.plot(mean, color=QUIET, lw=0.8, alpha=0.5, zorder=1)
            continue
        colour = colours[label]
        every = (list(colours).index(label), 5)  # marks of different curves do not coincide
        axes.plot(mean, color=colour, lw=1.6, marker=marker(colours, label), markevery=every, ms=4)
        if sd.notna().any():
            axes.fill_between(mean.index, mean - sd, mean + sd, color=colour, alpha=0.13, lw=0)
    failed = data[~data["ok"] & data["label"].isin(colours)]
    for (label, _), seed in failed.groupby(["label", "seed"], sort=False):
        axes.plot(seed["step"], seed["value"], ":", color=colours[label], lw=0.9)
        axes.plot(*seed.iloc[-1][["step", "value"]], "x", color=colours[label], ms=5)
    _fit(axes, means)
    axes.set_xlabel("Step")
    axes.set_ylabel(metric_axis(comparison, task, study.primary(task)))
    axes.set_title(title(task, "validation during training, mean and SD over seeds"))
    counts = comparison.tasks[task]
    handles = []
    for label, colour in colours.items():
        ok, failures = int(counts.at[label, "ok"]), int(counts.at[label, "failures"])
        if ok + failures:
            note = f" ({ok} of {ok + failures} finished)" if failures else ""
            handles.append(handle(short(label) + note, colour, marker(colours, label), "-"))
    if set(drawn) - set(colours):
        handles.append(Line2D([], [], color=QUIET, lw=1, label="the others"))
    if len(failed):
        handles.append(Line2D([], [], color=INK, ls=":", marker="x", ms=5, lw=1, label="failed"))
    legend_below(figure, handles)
    return figure


def _validation(study: Study, task: str) -> pd.DataFrame | None:
    """`label`, `seed`, `step`, `value`, `ok`: every evaluation on the validation split."""
    column = f"metric/{study.primary(task)}/validation"
    runs = study.outcomes(task)
    tables = []
    for label, cell in runs.drop_duplicates("label").set_index("label")["cell"].items():
        series = study.series(cell, [column])
        if series is not None:
            tables.append(series.rename(columns={column: "value"}).assign(label=label))
    if not tables:
        return None
    data = pd.concat(tables, ignore_index=True).dropna(subset=["value"])
    data = data.merge(runs[["label", "seed", "status", "bad_step"]], on=["label", "seed"])
    # A seed that diverged stands still from its first bad step on: that is no learning curve.
    data = data[~(data["step"] > data["bad_step"])]
    return data.assign(ok=data["status"] == "ok") if len(data) else None


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
