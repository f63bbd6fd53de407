"""Strategies against the static-weights curve, as a table."""

from __future__ import annotations

from ...text.numbers import number
from ..analysis import static_weights
from ..analysis.comparison import Comparison
from .exhibit import TableExhibit, by_task
from .table import Entry, Table


def static_weights_table(comparison: Comparison, task: str) -> Table | None:
    """How far each strategy lies beyond the static-weights curve; None without a curve."""
    table = comparison.static_weights.get(task)
    if table is None:
        return None
    rows = []
    for label, row in table.sort_values("difference", ascending=False).iterrows():
        low, high = (number(100 * row[key], 1, signed=True) for key in ("low", "high"))
        tone = "better" if row["place"] == static_weights.BEYOND else ""
        excess = number(100 * row["difference"], 1, signed=True)
        entries = [Entry(str(label), str(label)), Entry(f"{row['pairs']:.0f}", row["pairs"])]
        entries.append(Entry(excess, row["difference"], f"[{low}, {high}]"))
        rows.append([*entries, Entry(row["place"], row["place"], "", tone)])
    return Table(["Strategy", "Seeds", "Excess, % of the range", "Place"], rows)


STATIC_WEIGHTS = TableExhibit(
    name="{task}-static_weights",
    make=static_weights_table,
    place="task",
    title="Strategies against the static-weights curve",
    caption="Excess over the static-weights curve on the same seed, mean and 95 % t interval, in "
    "percent of the range of the curve; the intervals are not corrected for many comparisons. The "
    "curve of a seed is the best of several noisy points, so a strategy on it scores just below 0.",
)
STATIC_WEIGHTS_OF_ALL = TableExhibit(
    name="static_weights", frame=lambda comparison: by_task(comparison.static_weights)
)
