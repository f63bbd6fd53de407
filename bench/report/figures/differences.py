"""The paired difference of each strategy to the baseline, and its interval."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...text.numbers import decimals, number
from ..analysis.comparison import Comparison
from ..analysis.verdicts import (
    BETTER,
    BETTER_BUT_FAILS,
    DESCRIPTIVE_ONLY,
    EQUIVALENT,
    LEANS_BETTER,
    LEANS_WORSE,
    NOT_RUN,
    NOT_SHOWN,
    WORSE,
)
from .exhibit import FigureExhibit
from .rows import Dot, name_rows, rows
from .style import PALETTE, QUIET, Mark, canvas, handle, legend_below, plain, short, title

# What a verdict is called in the legend, and how it looks: colour and shape, either tells it.
LOOKS = {
    BETTER: ("better after the correction", Mark(PALETTE[0], "^", "", True)),
    BETTER_BUT_FAILS: (
        "better after the correction, but fails more",
        Mark(PALETTE[0], "*", "", True),
    ),
    LEANS_BETTER: ("better, uncorrected", Mark(PALETTE[0], "^", "", False)),
    EQUIVALENT: ("equivalent", Mark(QUIET, "d", "", False)),
    NOT_SHOWN: ("no difference shown", Mark(QUIET, "o", "", True)),
    DESCRIPTIVE_ONLY: ("too few seeds for a verdict", Mark(QUIET, "o", "", False)),
    LEANS_WORSE: ("worse, uncorrected", Mark(PALETTE[1], "v", "", False)),
    WORSE: ("worse after the correction", Mark(PALETTE[1], "v", "", True)),
}
_FAR = 8  # times the typical difference and width: what lies beyond becomes an arrow
_AT = {"xycoords": "data", "textcoords": "offset points", "va": "center", "size": 8}


def differences(comparison: Comparison, task: str) -> Figure | None:
    """The figure of one task; None when no strategy has a pair with the baseline."""
    table = comparison.tasks[task].drop(index=comparison.baseline)
    table = table[table["verdict"] != NOT_RUN]
    if not (table["pairs"] > 0).any():
        return None
    table = table.sort_values("difference", ascending=False, na_position="last")
    figure, axes = canvas(height=1.1 + 0.235 * len(table))
    places = decimals(table[f"{comparison.study.criterion(task)} mean"])
    window = _window(table)
    size = comparison.margin(task)
    if math.isfinite(size):
        axes.axvspan(-size, size, color=QUIET, alpha=0.25, lw=0)
    axes.axvline(0, color=QUIET, lw=1)
    dots, names = [], []
    for y, (label, row) in enumerate(table.iterrows()):
        names.append(f"{short(str(label))}{_failed(row)}")
        mean = row["difference"]
        if math.isfinite(mean) and window[0] <= mean <= window[1]:
            dots.append(Dot(y, mean, row["low"], row["high"], LOOKS[row["verdict"]][1]))
        else:
            _say(axes, y, row, window, places)
    rows(axes, dots)
    name_rows([axes], names)
    axes.set_xlim(window)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    criterion = plain(comparison.study.criterion(task))
    axes.set_xlabel(f"Difference to {short(comparison.baseline)} in {criterion} (right is better)")
    axes.set_title(title(task, "paired difference, mean and 95 % interval"))
    there = set(table["verdict"])
    handles = [handle(words, mark) for verdict, (words, mark) in LOOKS.items() if verdict in there]
    legend_below(figure, handles)
    return figure


def _say(axes: Axes, y: int, row: pd.Series, window: tuple[float, float], places: int) -> None:
    """What has no place on the axis, in words: too far off, or not known."""
    mean, (low, high) = row["difference"], window
    if not math.isfinite(mean):
        axes.annotate(row["verdict"], (0, y), (4, 0), **_AT)
        return
    right, text = mean > high, number(mean, places, signed=True)
    axes.annotate(
        f"{text} →" if right else f"← {text}",
        (high if right else low, y),
        (0, 0),
        ha="right" if right else "left",
        color=LOOKS[row["verdict"]][1].colour,
        **_AT,
    )


def _failed(row: pd.Series) -> str:
    return f" ({row['failures']} failed)" if row["failures"] and row["ok"] else ""


def _window(table: pd.DataFrame) -> tuple[float, float]:
    """Limits of the axis: all intervals, unless a few far ones would hide the rest."""
    ends = table[["low", "high", "difference"]].stack().dropna()
    low, high = min(ends.min(), 0.0), max(ends.max(), 0.0)
    typical = table["difference"].abs().median() + (table["high"] - table["low"]).median()
    if np.isfinite(typical) and typical > 0:
        low, high = max(low, -_FAR * typical), min(high, _FAR * typical)
    edge = 0.04 * ((high - low) or 1.0)
    return low - edge, high + edge


DIFFERENCES = FigureExhibit(
    name="{task}-differences",
    draw=differences,
    place="task",
    caption="Right of the line is better than {baseline}. Filled and coloured: it passed the "
    "correction for many comparisons. Hollow: the interval alone says so. Inside the grey band a "
    "difference does not matter.",
)
