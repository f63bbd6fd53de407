"""Stability as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...text.numbers import decimals, number, percent
from ..analysis.comparison import Comparison
from ..analysis.stability import MEASURES
from .table import Cell, Table


def stability_table(comparison: Comparison, task: str) -> Table | None:
    """The numbers of one task for people; None where none were recorded."""
    table = comparison.stability.get(task)
    if table is None:
        return None
    recorded = [name for name in MEASURES if name in table and table[name].notna().any()]
    metric, spread = decimals(table["cvar"]), decimals(table["sd"])
    places = {name: decimals(table[name]) for name in recorded}
    columns = ["Strategy", "Failed", "First bad step", "SD over seeds", "IQR", "Worst quarter"]
    rows = []
    for label, row in table.iterrows():
        failed = f"{percent(row['failure_low'])} to {percent(row['failure_high'])}"
        share = f"{row['failures']:.0f} of {row['runs']:.0f}"
        later = row["median_bad_step"] > row["first_bad_step"]
        cells = [
            Cell(str(label), str(label)),
            Cell(share, row["failure_rate"], failed, "failed" if row["failures"] else ""),
            Cell(
                number(row["first_bad_step"], 0),
                row["first_bad_step"],
                f"median {number(row['median_bad_step'], 0)}" if later else "",
            ),
            Cell(number(row["sd"], spread), row["sd"], _range(row, "sd", spread)),
            Cell(number(row["iqr"], spread), row["iqr"]),
            Cell(number(row["cvar"], metric), row["cvar"]),
        ]
        for name in recorded:
            value = row[name]
            text = percent(value) if MEASURES[name].percent else number(value, places[name])
            cells.append(Cell(text, value))
        rows.append(cells)
    return Table([*columns, *(MEASURES[name].title for name in recorded)], rows)


def _range(row: pd.Series, name: str, places: int) -> str:
    """ "0.01 to 0.03", empty when there is none."""
    if not np.isfinite(row[f"{name}_low"]):
        return ""
    return f"{number(row[f'{name}_low'], places)} to {number(row[f'{name}_high'], places)}"
