"""The figures of a study, per task: differences, learning curves, trade-off, quality by time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from .compare import Comparison
from .curves import curves
from .drawing import (
    OTHER,
    STYLE,
    canvas,
    handle,
    highlights,
    legend_below,
    metric_axis,
    short,
    title,
)
from .forest import differences
from .overview import overview
from .tables import clear, file_name, remember

ALL = ""  # in place of a task: all of them


def draw(comparison: Comparison, directory: Path) -> dict[str, dict[str, Path]]:
    """Draws every figure that the study has data for, as PNG and SVG.

    Returns:
        Task to kind of figure ("differences", "curves", "trade-off", "time") to its SVG file, and
        ALL to the one of all tasks ("overview").
    """
    clear(directory)
    kinds: Mapping[str, Callable[[Comparison, str], Figure | None]] = {
        "differences": differences,
        "curves": curves,
        "trade-off": trade_off,
        "time": quality_by_time,
    }
    with mpl.rc_context({**sns.axes_style("whitegrid"), **STYLE}):
        drawn = {
            task: {
                kind: _save(figure, directory / f"{file_name(task)}-{kind}")
                for kind, function in kinds.items()
                if (figure := function(comparison, task)) is not None
            }
            for task in comparison.study.tasks
        }
        if (figure := overview(comparison)) is not None:
            drawn[ALL] = {"overview": _save(figure, directory / "overview")}
    svgs = [path for of_task in drawn.values() for path in of_task.values()]
    remember(directory, [*svgs, *(path.with_suffix(".png") for path in svgs)])
    return drawn


def _save(figure: Figure, stem: Path) -> Path:
    """Writes a figure as SVG and PNG; returns the path of the SVG."""
    svg = stem.with_name(stem.name + ".svg")
    figure.savefig(svg, metadata={"Date": None})
    figure.set_layout_engine("none")  # it stands; the second file need not find it anew
    figure.savefig(svg.with_suffix(".png"), dpi=150)
    return svg


def trade_off(comparison: Comparison, task: str) -> Figure | None:
    """The two heads of a task against each other: mean and SD per strategy."""
    study = comparison.study
    names: dict[str, str] = {}
    for name in study.plan["tasks"][task]["metrics"]:  # the first of each head
        if f"{name} mean" in comparison.tasks[task]:
            names.setdefault(name.partition("/")[0], name)
    if len(names) != 2:
        return None
    x, y = names.values()
    return _scatter(
        comparison,
        task,
        (f"{x} mean", f"{x} sd", metric_axis(comparison, task, x)),
        (f"{y} mean", f"{y} sd", metric_axis(comparison, task, y)),
        title(task, "the heads against each other, mean and SD over seeds"),
    )


def quality_by_time(comparison: Comparison, task: str) -> Figure | None:
    """The primary metric against the time of a training step."""
    primary = comparison.study.primary(task)
    figure = _scatter(
        comparison,
        task,
        ("time_us", None, "Training time per step and seed, µs"),
        (f"{primary} mean", f"{primary} sd", metric_axis(comparison, task, primary)),
        title(task, "quality against training time"),
    )
    if figure is not None:
        axes = figure.axes[0]
        times = comparison.tasks[task]["time_us"].dropna()
        if times.max() > 8 * times.min():
            axes.set_xscale("log")
        else:
            axes.set_xlim(0, 1.08 * times.max())
    return figure


def _scatter(
    comparison: Comparison,
    task: str,
    x: tuple[str, str | None, str],
    y: tuple[str, str | None, str],
    title: str,
) -> Figure | None:
    table = comparison.tasks[task].dropna(subset=[x[0], y[0]])
    if len(table) < 2:
        return None
    marks = highlights(comparison)
    figure, axes = canvas(height=3.8)
    for label, row in table.iterrows():
        mark = marks.get(str(label), OTHER)
        main = mark is not OTHER
        spread = [row[sd] if sd and np.isfinite(row[sd]) else None for _, sd, _ in (x, y)]
        axes.errorbar(
            row[x[0]],
            row[y[0]],
            xerr=spread[0],
            yerr=spread[1],
            fmt=mark.marker,
            color=mark.colour,
            ms=6.5 if main else 4,
            mfc=mark.face,
            mec=mark.colour,
            elinewidth=0.8,
            alpha=1 if main else 0.6,
            zorder=3 if main else 2,
        )
    axes.set_xlabel(x[2])
    axes.set_ylabel(y[2])
    axes.set_title(title)
    handles = [handle(short(label), mark) for label, mark in marks.items() if label in table.index]
    if len(handles) < len(table):
        handles.append(handle("the others", OTHER))
    legend_below(figure, handles)
    return figure
