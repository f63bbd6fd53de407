"""Strategies against the curve of constant weights, as a table."""

from __future__ import annotations

from ...text.numbers import number
from ..analysis import static_weights
from ..analysis.comparison import Comparison
from .table import Cell, Table


def front_table(comparison: Comparison, task: str) -> Table | None:
    """How far each strategy lies beyond the static-weights curve; None without a curve."""
    table = comparison.static_weights.get(task)
    if table is None:
        return None
    rows = []
    for label, row in table.sort_values("difference", ascending=False).iterrows():
        low, high = (number(100 * row[key], 1, signed=True) for key in ("low", "high"))
        tone = "better" if row["place"] == static_weights.BEYOND else ""
        excess = number(100 * row["difference"], 1, signed=True)
        cells = [Cell(str(label), str(label)), Cell(f"{row['pairs']:.0f}", row["pairs"])]
        cells.append(Cell(excess, row["difference"], f"[{low}, {high}]"))
        rows.append([*cells, Cell(row["place"], row["place"], "", tone)])
    return Table(["Strategy", "Seeds", "Excess, % of the range", "Place"], rows)
