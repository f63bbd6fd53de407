"""Stability as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...text.numbers import decimals, number, percent
from ..analysis.comparison import Comparison
from ..analysis.stability import MEASURES
from .exhibit import TableExhibit, by_task
from .table import Entry, Table


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
        entries = [
            Entry(str(label), str(label)),
            Entry(share, row["failure_rate"], failed, "failed" if row["failures"] else ""),
            Entry(
                number(row["first_bad_step"], 0),
                row["first_bad_step"],
                f"median {number(row['median_bad_step'], 0)}" if later else "",
            ),
            Entry(number(row["sd"], spread), row["sd"], _range(row, "sd", spread)),
            Entry(number(row["iqr"], spread), row["iqr"]),
            Entry(number(row["cvar"], metric), row["cvar"]),
        ]
        for name in recorded:
            value = row[name]
            text = percent(value) if MEASURES[name].percent else number(value, places[name])
            entries.append(Entry(text, value))
        rows.append(entries)
    return Table([*columns, *(MEASURES[name].title for name in recorded)], rows)


def _range(row: pd.Series, name: str, places: int) -> str:
    """ "0.01 to 0.03", empty when there is none."""
    if not np.isfinite(row[f"{name}_low"]):
        return ""
    return f"{number(row[f'{name}_low'], places)} to {number(row[f'{name}_high'], places)}"


STABILITY = TableExhibit(
    name="{task}-stability",
    make=stability_table,
    place="task",
    title="Stability",
    caption="Failures with Wilson interval; SD of the primary metric over seeds with its interval, "
    "interquartile range, mean of the worst quarter of the seeds; within a run: spikes of the "
    "loss, late fluctuation, best minus final validation; its gradients: variation, tail, ratio "
    "and conflict of the losses.",
)
STABILITY_OF_ALL = TableExhibit(
    name="stability", frame=lambda comparison: by_task(comparison.stability)
)
