"""What was timed of the steps, as parts of the report; all empty where nothing was."""

from __future__ import annotations

from matplotlib.figure import Figure

from ..analysis import cost
from ..analysis.comparison import Comparison
from ..figures import scaling
from ..figures.cost import cost_against_quality
from ..tables.cost import tables as cost_tables
from ..tables.table import Table


def figure(comparison: Comparison) -> Figure | None:
    """Quality against the time of a step."""
    times = comparison.step_times
    return None if times is None else cost_against_quality(comparison, times)


def growth_figure(comparison: Comparison) -> Figure | None:
    """Time over that of the baseline by the number of losses."""
    rows = comparison.scaling
    return None if rows is None else scaling.figure(rows)


def tables(comparison: Comparison) -> dict[str, tuple[Table, str]]:
    """Name of a file to the table of its conditions and its caption."""
    times = comparison.step_times
    return {} if times is None else cost_tables(times)


def notes(comparison: Comparison) -> list[str]:
    """What a reader must know of the times."""
    times = comparison.step_times
    return [] if times is None else cost.notes(times)
