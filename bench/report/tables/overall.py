"""One row per strategy, one column per task."""

from __future__ import annotations

import math

from ...text.numbers import MISSING, decimals, number
from ..analysis.comparison import Comparison
from ..analysis.verdicts import NOT_RUN, mark, tone
from .entries import PARTIAL, SCORES, score
from .exhibit import TableExhibit
from .table import Entry, Table


def overall_table(comparison: Comparison) -> Table:
    """One row per strategy, one column per task (and its delta-m), then failures and cost."""
    study, overall = comparison.study, comparison.overall
    scored = [task for task in study.tasks if f"{task} delta_m" in overall]
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
        entries = [Entry(str(label), str(label))]
        for task in study.tasks:
            mean, difference = row[f"{task} mean"], row[f"{task} difference"]
            verdict = row[f"{task} verdict"]
            if math.isfinite(mean):
                change = number(difference, places[task], signed=True)
                detail = "" if change == MISSING else f"{change} {mark(verdict)}".strip()
                # Runs that failed are not in the mean: the mark says so.
                partial = PARTIAL if comparison.tasks[task].loc[label, "failures"] else ""
                text = number(mean, places[task]) + partial
                entries.append(Entry(text, mean, detail, tone(verdict)))
            else:
                entries.append(
                    Entry(verdict, "", "", "failed" if verdict != NOT_RUN else "missing")
                )
            if task in tuned:
                before = row[f"{task} untuned"]
                entries.append(Entry(number(before, places[task]), before))
            if task in scored:
                entries.append(score("delta_m", row[f"{task} delta_m"]))
        failures = int(row["failures"])
        text = f"{failures} of {int(row['runs'])}"
        entries.append(Entry(text, failures, "", "failed" if failures else ""))
        entries.append(Entry(row["cost"] if isinstance(row["cost"], str) else "", str(row["cost"])))
        rows.append(entries)
    return Table(columns, rows)


def caption(comparison: Comparison) -> str:
    """What the table of all tasks shows."""
    baseline = comparison.baseline
    words = (
        "Mean over the runs that finished, on the test split: the score in %, which is the way "
        "from chance to perfect, mean over the heads, or the main metric where one head judges; "
        f"and the paired difference to {baseline} (positive is better). ▲ better, ▼ worse: "
        f"{comparison.study.test}, p < 0.05 over all strategies; ≈ equivalent; △ ▽: better or "
        "worse by the 95 % interval alone, which is not corrected for many comparisons. "
        f"{PARTIAL} some runs failed and are not in the mean."
    )
    if comparison.untuned is not None:
        words += " Untuned: the mean with the default configuration."
    if any(column.endswith(" delta_m") for column in comparison.overall):
        words += (
            " Δm, where it is shown: mean difference of the heads to single-task runs, in percent."
        )
    return words


OVERALL = TableExhibit(
    name="overall",
    make=overall_table,
    frame=lambda comparison: comparison.overall,
    place="overall",
    caption=caption,
    terminal=True,
)
