"""A scatter of the strategies, by two columns of a task's table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..analysis.comparison import Comparison
from .style import OTHER, canvas, handle, highlights, legend_below, point, short


def _scatter(
    comparison: Comparison,
    task: str,
    x: tuple[str, str | None, str],
    y: tuple[str, str | None, str],
    title: str,
    further: Sequence[Line2D] = (),
    beside: bool = False,
) -> Figure | None:
    table = comparison.tasks[task].dropna(subset=[x[0], y[0]])
    if len(table) < 2:
        return None
    marks = highlights(comparison)
    figure, axes = canvas(height=3.8, beside=beside)
    for label, row in table.iterrows():
        spread = [row[sd] if sd and np.isfinite(row[sd]) else None for _, sd, _ in (x, y)]
        point(axes, (row[x[0]], row[y[0]]), (spread[0], spread[1]), marks.get(str(label), OTHER))
    axes.set_xlabel(x[2])
    axes.set_ylabel(y[2])
    axes.set_title(title)
    handles = [handle(short(label), mark) for label, mark in marks.items() if label in table.index]
    if len(handles) < len(table):
        handles.append(handle("the others", OTHER))
    handles += further
    legend_below(figure, handles)
    return figure
