"""Scatter plots of the strategies: one head against the other, quality against time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from . import frontier
from .compare import Comparison
from .drawing import (
    INK,
    OTHER,
    canvas,
    handle,
    highlights,
    legend_below,
    metric_axis,
    short,
    title,
)
from .words import enumerate_


def trade_off(comparison: Comparison, task: str) -> Figure | None:
    """The two heads of a task: mean and SD per strategy, and the curve of constant weights."""
    names = frontier.heads(comparison.study, task)
    if names is None or any(f"{name} mean" not in comparison.tasks[task] for name in names):
        return None
    x, y = names
    curve = frontier.curve(comparison.study, task)
    figure = _scatter(
        comparison,
        task,
        (f"{x} mean", f"{x} sd", metric_axis(comparison, task, x)),
        (f"{y} mean", f"{y} sd", metric_axis(comparison, task, y)),
        title(task, "the heads against each other, mean and SD over seeds"),
        [] if curve is None else [Line2D([], [], color=INK, lw=1.2, label="constant weights")],
    )
    if figure is not None and curve is not None:
        means = curve.groupby(level="label", sort=False).mean()
        _draw_curve(figure.axes[0], means)
        _window(figure.axes[0], comparison, task, names, means)
    return figure


def _draw_curve(axes: Axes, means: pd.DataFrame) -> None:
    """Line through the points of the curve; the weights stand at its ends and middle."""
    x, y = means.to_numpy().T
    axes.plot(x, y, "-", color=INK, lw=1.2, marker="|", ms=5, zorder=2.5)
    for i in {0, len(means) // 2, len(means) - 1}:
        axes.annotate(
            frontier.weights(str(means.index[i])),
            (x[i], y[i]),
            (4, 4),
            textcoords="offset points",
            size=7.5,
            color=INK,
            zorder=4,
        )


def _window(
    axes: Axes, comparison: Comparison, task: str, names: tuple[str, str], means: pd.DataFrame
) -> None:
    """The curve and the typical strategies; the few that are far off are left out and counted."""
    table = comparison.tasks[task]
    outside = pd.Series(False, table.index)
    for name, limit in zip(names, (axes.set_xlim, axes.set_ylim), strict=True):
        values = table[f"{name} mean"].dropna()
        middle = values.quantile([0.1, 0.9])
        low, high = min(means[name].min(), middle.min()), max(means[name].max(), middle.max())
        margin = 0.1 * ((high - low) or 1.0)
        low, high = (
            max(low - margin, values.min() - margin),
            min(high + margin, values.max() + margin),
        )
        low, high = min(low, means[name].min() - margin), max(high, means[name].max() + margin)
        limit(low, high)
        outside |= (table[f"{name} mean"] < low) | (table[f"{name} mean"] > high)
    if outside.any():
        names_ = enumerate_([short(str(label), 20) for label in table.index[outside]], most=3)
        axes.text(0.01, 0.01, f"outside: {names_}", transform=axes.transAxes, size=7.5, color=INK)


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
    further: Sequence[Line2D] = (),
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
    handles += further
    legend_below(figure, handles)
    return figure
