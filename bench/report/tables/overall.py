"""One row per strategy, one column per task."""

from __future__ import annotations

import math

from ...text.numbers import MISSING, decimals, number
from ..analysis.comparison import Comparison
from ..analysis.verdicts import NOT_RUN
from .entries import MARKS, PARTIAL, SCORES, _score, _verdict_tone
from .table import Cell, Table


def overall_table(comparison: Comparison, delta_m: bool = True) -> Table:
    """One row per strategy, one column per task (and its delta-m), then failures and cost."""
    study, overall = comparison.study, comparison.overall
    scored = [task for task in study.tasks if delta_m and f"{task} delta_m" in overall]
    columns = ["Strategy"]
    tuned = [task for task in study.tasks if f"{task} untuned" in overall]
    for task in study.tasks:
        columns += [task]
        columns += ["Untuned"] if task in tuned else []
        columns += [SCORES["delta_m"]] if task in scored else []
    columns += ["Failed", "Cost"]
    places = {task: decimals(overall[f"{task} mean"]) for task in study.tasks}
    rows = []
    for label, row in overall.iterrows():
        cells = [Cell(str(label), str(label))]
        for task in study.tasks:
            mean, difference = row[f"{task} mean"], row[f"{task} difference"]
            verdict = row[f"{task} verdict"]
            if math.isfinite(mean):
                mark = MARKS.get(verdict, "")
                change = number(difference, places[task], signed=True)
                detail = "" if change == MISSING else f"{change} {mark}".strip()
                # Runs that failed are not in the mean: the mark says so.
                partial = PARTIAL if comparison.tasks[task].loc[label, "failures"] else ""
                text = number(mean, places[task]) + partial
                cells.append(Cell(text, mean, detail, _verdict_tone(verdict)))
            else:
                cells.append(Cell(verdict, "", "", "failed" if verdict != NOT_RUN else "missing"))
            if task in tuned:
                before = row[f"{task} untuned"]
                cells.append(Cell(number(before, places[task]), before))
            if task in scored:
                cells.append(_score("delta_m", row[f"{task} delta_m"], math.nan))
        failures = int(row["failures"])
        text = f"{failures} of {int(row['runs'])}"
        cells.append(Cell(text, failures, "", "failed" if failures else ""))
        cells.append(Cell(row["cost"] if isinstance(row["cost"], str) else "", str(row["cost"])))
        rows.append(cells)
    return Table(columns, rows)
