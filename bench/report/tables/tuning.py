"""What tuning found, as a table."""

from __future__ import annotations

import math

from ...text.numbers import MISSING, number
from ..analysis.comparison import Comparison
from .table import Cell, Table


def tuning_table(comparison: Comparison, task: str) -> Table | None:
    """What tuning found on a task; None where it was not tuned."""
    table = comparison.tuning
    if task not in table.index.get_level_values("task"):
        return None
    table = table.xs(task, level="task").sort_values("best_score", ascending=False)
    columns = ["Strategy", "Best score, %", "Default, %", "Gain, points", "Learning rate"]
    columns += ["Good band", "Decades", "Failed trials", "Edge", "Hyperparameters"]
    rows = []
    for label, row in table.iterrows():
        cells = [Cell(str(label), str(label))]
        cells += [
            Cell(number(100 * row[key], 1, signed=key == "gain"), row[key])
            for key in ("best_score", "default_score", "gain")
        ]
        cells.append(Cell(_rate(row["learning_rate"]), row["learning_rate"]))
        band = f"{_rate(row['band_low'])} to {_rate(row['band_high'])}"
        cells.append(Cell(band if math.isfinite(row["band_low"]) else MISSING, row["band_low"]))
        cells.append(Cell(number(row["band_decades"], 2), row["band_decades"]))
        failed = f"{round(row['diverged'] * row['trials'])} of {row['trials']}"
        cells.append(Cell(failed, row["diverged"], "", "failed" if row["diverged"] else ""))
        cells.append(Cell(row["edge"] or MISSING, row["edge"], "", "worse" if row["edge"] else ""))
        cells.append(Cell(row["hyperparameters"] or MISSING, row["hyperparameters"]))
        rows.append(cells)
    return Table(columns, rows)


def _rate(value: float) -> str:
    return f"{value:.2g}" if math.isfinite(value) else MISSING
