"""What tuning found, as a table."""

from __future__ import annotations

import math

from ...text.numbers import MISSING, number
from ..analysis.comparison import Comparison
from .exhibit import TableExhibit
from .table import Entry, Table


def tuning_table(comparison: Comparison, task: str) -> Table | None:
    """What tuning found on a task; None where it was not tuned."""
    table = comparison.tuning
    if task not in table.index.get_level_values("task"):
        return None
    table = table.xs(task, level="task").sort_values("best_score", ascending=False)
    columns = ["Strategy", "Best score, %", "Default, %", "Gain, points"]
    charged = table["equal_compute"].notna().any()
    columns += ["At equal compute, %"] if charged else []
    columns += ["Learning rate"]
    columns += ["Good band", "Decades", "Failed trials", "Edge", "Hyperparameters"]
    rows = []
    for label, row in table.iterrows():
        entries = [Entry(str(label), str(label))]
        entries += [
            Entry(number(100 * row[key], 1, signed=key == "gain"), row[key])
            for key in ("best_score", "default_score", "gain")
        ]
        if charged:
            afforded = row["equal_compute"]
            entries.append(Entry(number(100 * afforded, 1), afforded))
        entries.append(Entry(_rate(row["learning_rate"]), row["learning_rate"]))
        band = f"{_rate(row['band_low'])} to {_rate(row['band_high'])}"
        entries.append(Entry(band if math.isfinite(row["band_low"]) else MISSING, row["band_low"]))
        entries.append(Entry(number(row["band_decades"], 2), row["band_decades"]))
        failed = f"{round(row['diverged'] * row['trials'])} of {row['trials']}"
        entries.append(Entry(failed, row["diverged"], "", "failed" if row["diverged"] else ""))
        entries.append(
            Entry(row["edge"] or MISSING, row["edge"], "", "worse" if row["edge"] else "")
        )
        entries.append(Entry(row["hyperparameters"] or MISSING, row["hyperparameters"]))
        rows.append(entries)
    return Table(columns, rows)


def _rate(value: float) -> str:
    return f"{value:.2g}" if math.isfinite(value) else MISSING


TUNING = TableExhibit(
    name="{task}-tuning",
    make=tuning_table,
    place="task",
    title="What tuning found",
    caption="Scores are on validation: the way from chance to perfect, mean over the judged heads. "
    "Good band: learning rates of the trials within 1 % of the best (the other hyperparameters "
    "vary too). At equal compute: of as many trials as the time of tuning `weighted` buys.",
)
TUNING_OF_ALL = TableExhibit(
    name="tuning", frame=lambda comparison: comparison.tuning if len(comparison.tuning) else None
)
