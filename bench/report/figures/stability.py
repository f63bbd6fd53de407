"""The picture of stability: a few numbers side by side, one row per strategy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ...text.numbers import MISSING, decimals, number
from ..analysis.comparison import Comparison
from .exhibit import FigureExhibit
from .rows import Dot, by_mark, lines, name_rows
from .style import GRID, INK, OTHER, Mark, highlights, plain, short, title

WIDTH = 8.6  # inches: more panels than the other figures have
_FAR = 6  # times the median of a panel: what lies beyond becomes an arrow
_AT = {"textcoords": "offset points", "va": "center", "size": 8}
_LINES = (
    "Lines: 95 % interval of failures (where there are any) and SD; else quartiles over seeds.\n"
    "A run that learns nothing is steady too: read it beside the quality."
)


class Panel(NamedTuple):
    """One number of all strategies.

    Attributes:
        value, low, high: its columns.
        name: below its axis.
        nowhere: in words, when it has no panel.
        factor: to its unit.
        least: its axis ends no earlier: one spike in twelve runs is not a long way.
    """

    value: str
    low: str
    high: str
    name: str
    nowhere: str
    factor: float = 1.0
    least: float = 0.0


PANELS = (
    Panel(
        "failure_rate", "failure_low", "failure_high", "Failed runs, %", "no run failed", 100, 10
    ),
    Panel("sd", "sd_low", "sd_high", "SD over seeds", "seeds do not differ"),
    Panel("spikes", "spikes q1", "spikes q3", "Spikes per run", "no run had a spike", 1, 1),
    Panel(
        "late_fluctuation",
        "late_fluctuation q1",
        "late_fluctuation q3",
        "Late fluctuation\nof the loss, %",
        "no late fluctuation",
        100,
    ),
    Panel(
        "regret",
        "regret q1",
        "regret q3",
        "Best minus final\nvalidation",
        "regret below a tenth of the SD over seeds",
    ),
)


def stability(comparison: Comparison, task: str) -> Figure | None:
    """Failures, spread over seeds and restlessness of the runs; the steadiest strategy on top.

    Lines are the 95 % interval of failures and SD, and the quartiles over seeds of the others. A
    number that is negligible for every strategy is a sentence and no panel. None where nothing was
    recorded.
    """
    table = comparison.stability.get(task)
    if table is None:
        return None
    known = [panel for panel in PANELS if panel.value in table and table[panel.value].notna().any()]
    shown = [panel for panel in known if table[panel.value].max() > _negligible(panel, table)]
    if not shown:
        return None
    order = table[[panel.value for panel in shown]].rank(na_option="bottom").mean(axis=1)
    table = table.loc[order.sort_values(kind="stable").index]
    marks = highlights(comparison)
    figure = Figure(figsize=(WIDTH, 1.5 + 0.235 * len(table)), layout="constrained")
    grid = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, panel in zip(grid, shown, strict=True):
        _draw(axes, panel, table, comparison.baseline, marks)
    labels = [str(label) for label in table.index]
    bold = labels.index(comparison.baseline) if comparison.baseline in labels else None
    name_rows(grid, [short(label) for label in labels], bold)
    zero = "; ".join(panel.nowhere for panel in known if panel not in shown)
    words = "how steadily it trains; further left is steadier" + (f" ({zero})" if zero else "")
    figure.suptitle(title(task, words), x=0.01, ha="left", fontsize=10)
    figure.supxlabel(_LINES, x=0.01, ha="left", fontsize=8)
    return figure


def _negligible(panel: Panel, table: pd.DataFrame) -> float:
    """What a number must exceed somewhere to be worth a panel."""
    return 0.1 * np.nan_to_num(table["sd"].median()) if panel.value == "regret" else 0.0


def _draw(
    axes: Axes, panel: Panel, table: pd.DataFrame, baseline: str, marks: Mapping[str, Mark]
) -> None:
    """One panel: a mark and a line per strategy, an arrow where it is far off."""
    values = panel.factor * table[panel.value]
    lows, highs = panel.factor * table[panel.low], panel.factor * table[panel.high]
    if panel.value == "failure_rate":  # the same line in every row without a failure says nothing
        lows = lows.where(table["failures"] > 0)
    end = max(_end(values, highs.where(lows.notna())), panel.least)
    dots = []
    for y, label in enumerate(table.index):
        value, mark = values[label], marks.get(str(label), OTHER)
        if label == baseline:
            axes.axhspan(y - 0.5, y + 0.5, color=GRID, lw=0, zorder=0)
            if value <= end:
                axes.axvline(value, color=INK, lw=0.8, ls=":", zorder=1)
        if not np.isfinite(value):
            axes.annotate(MISSING, (0, y), (4, 0), **_AT)
        elif value > end:
            text = f"{number(value, decimals([value]))} →"
            axes.annotate(text, (end, y), (0, 0), ha="right", **_AT)
        else:
            dots.append(Dot(y, value, lows[label], min(highs[label], end), mark))
    lines(axes, dots, linewidths=1.4, alpha=0.6)
    for mark, same in by_mark(dots).items():
        style = {"ms": 7 if mark is OTHER else 6, "mfc": mark.face, "mec": mark.colour}
        at = [dot.value for dot in same], [dot.y for dot in same]
        axes.plot(*at, mark.marker, zorder=3, clip_on=False, **style)
    axes.set_xlim(0, end)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))
    axes.set_xlabel(plain(panel.name))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _end(values: pd.Series, highs: pd.Series) -> float:
    """Where an axis ends: behind all values, unless a few far ones would hide the rest.

    Lines that reach less than twice as far as the values are shown whole.
    """
    most, bulk = float(values.max()), float(values.quantile(0.9, interpolation="lower"))
    middle = values[values > 0].median()
    end = max(_FAR * middle, 1.5 * bulk)
    end = most if most <= 1.5 * end else end
    reach = highs[(values <= end) & (highs <= 2 * end)].max()
    return 1.05 * float(np.nanmax([end, reach]))


STABILITY = FigureExhibit(
    name="{task}-stability",
    draw=stability,
    place="task",
    caption="How often runs failed, how far seeds differ, how restless a run is.",
)
