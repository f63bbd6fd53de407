"""Scores along one axis, a line per strategy."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from .style import Mark, canvas, handle, legend_below, plain, quiet_lines, short, title

MANY = 8  # strategies with a colour of their own


def axis_figure(
    table: pd.DataFrame, marks: dict[str, Mark], task: str, words: str, criterion: str
) -> Figure:
    """The means of all strategies against the values of the axis.

    Args:
        table: of `analysis.axis.along`.
        marks: the strategies that have a look of their own.
        task: its name.
        words: what the axis is.
        criterion: what the means are of.
    """
    means = table["mean"].unstack("value").reindex(columns=table.index.unique("value"))
    numbers = pd.to_numeric(pd.Series(means.columns), errors="coerce")
    numeric = bool(numbers.notna().all())
    at = numbers.to_numpy() if numeric else range(means.shape[1])
    figure, axes = canvas(height=3.6)
    quiet_lines(axes, [(at, row) for label, row in means.iterrows() if label not in marks])
    for label, mark in marks.items():
        if label in means.index:
            shape = {"marker": mark.marker, "mfc": mark.face, "ms": 5}
            axes.plot(at, means.loc[label], color=mark.colour, ls=mark.line, lw=1.5, **shape)
    if numeric and numbers.min() > 0 and numbers.max() > 5 * numbers.min():
        axes.set_xscale("log")
    axes.set_xticks(list(at), list(means.columns))
    axes.minorticks_off()
    axes.set_xlabel(words[0].upper() + words[1:])
    axes.set_ylabel(f"{plain(criterion)}{', %' if criterion == 'score' else ''}")
    axes.set_title(title(task, f"along {words}"))
    legend_below(figure, [handle(short(label), mark, line=True) for label, mark in marks.items()])
    return figure
