"""A scatter of the strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..analysis.comparison import Comparison
from .style import OTHER, Mark, canvas, handle, highlights, legend_below, short


def scatter(
    comparison: Comparison,
    task: str,
    x: tuple[str, str | None, str],
    y: tuple[str, str | None, str],
    title: str,
    further: Sequence[Line2D] = (),
    beside: bool = False,
) -> Figure | None:
    """Two columns of a task's table against each other; None with fewer than two strategies.

    Args:
        x: column, column of its spread and name of the axis.
        y: the same.
        further: entries of the legend after the strategies.
        beside: with a small second panel, see `canvas`.
    """
    table = comparison.tasks[task].dropna(subset=[x[0], y[0]])
    if len(table) < 2:
        return None
    marks = highlights(comparison)
    figure, axes = canvas(height=3.8, beside=beside)
    spread = [table[sd] if sd else np.nan for _, sd, _ in (x, y)]
    places = pd.DataFrame({"x": table[x[0]], "y": table[y[0]]})
    places["left"] = places["right"] = spread[0]
    places["down"] = places["up"] = spread[1]
    points(axes, places, marks)
    axes.set_xlabel(x[2])
    axes.set_ylabel(y[2])
    axes.set_title(title)
    handles = [handle(short(label), mark) for label, mark in marks.items() if label in table.index]
    if len(handles) < len(table):
        handles.append(handle("the others", OTHER))
    handles += further
    legend_below(figure, handles)
    return figure


def points(axes: Axes, table: pd.DataFrame, marks: Mapping[str, Mark]) -> None:
    """Strategies in a scatter; highlighted ones larger and on top.

    Args:
        table: a row for each label: `x`, `y` and how far the arms reach: `left`, `right`,
            `down`, `up`, NaN for none.
    """
    looks = [marks.get(str(label), OTHER) for label in table.index]
    for mark in dict.fromkeys(looks):
        main, rows = mark is not OTHER, table[[look is mark for look in looks]]
        axes.errorbar(
            rows["x"],
            rows["y"],
            xerr=rows[["left", "right"]].to_numpy().T,
            yerr=rows[["down", "up"]].to_numpy().T,
            fmt=mark.marker,
            color=mark.colour,
            ms=6.5 if main else 4,
            mfc=mark.face,
            mec=mark.colour,
            elinewidth=0.8,
            alpha=1 if main else 0.6,
            zorder=3 if main else 2,
        )
