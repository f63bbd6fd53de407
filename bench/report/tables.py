"""The tables for people: cells with a text and a value to sort by."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from .compare import Comparison
from .formats import MISSING, decimals, interval, microseconds, number, percent, probability
from .statistics import LEVEL
from .study import STATUSES, Study
from .verdicts import (
    BETTER,
    BETTER_BUT_FAILS,
    EQUIVALENT,
    LEANS_BETTER,
    LEANS_WORSE,
    NOT_RUN,
    WORSE,
)

PARTIAL = "†"
SCORES = {"delta_m": "Δm,\u00a0%", "normalized_score": "Retained, %"}
MARKS = {
    BETTER: "▲",
    BETTER_BUT_FAILS: "▲",
    WORSE: "▼",
    EQUIVALENT: "≈",
    LEANS_BETTER: "△",
    LEANS_WORSE: "▽",
}


class Cell(NamedTuple):
    """One cell: what it says, what it sorts by, a second line, and a tone for its colour."""

    text: str
    sort: float | str = ""
    detail: str = ""
    tone: str = ""


class Table(NamedTuple):
    """A table to render: the first column names the row."""

    columns: list[str]
    rows: list[list[Cell]]


def runs_text(row: pd.Series) -> str:
    """ "8 ok, 2 diverged"."""
    parts = [f"{row[status]} {status}" for status in STATUSES if row[status]]
    return ", ".join(parts) or NOT_RUN


def task_table(comparison: Comparison, task: str) -> Table:
    """The table of one task for people."""
    study, table = comparison.study, comparison.tasks[task]
    primary, times = study.primary(task), comparison.times.loc[task]
    places = decimals(table[f"{primary} mean"])
    names = [name for name in study.metrics(task) if f"{name} mean" in table]
    several = len(study.variants) > 1
    columns = ["Strategy", "Runs", *(f"{name} {_direction(study, task, name)}" for name in names)]
    columns += ["Untuned"] if "untuned mean" in table else []
    columns += [f"Difference to {comparison.baseline}", "Verdict", "p (Holm)", "Wins"]
    second = comparison.second if f"{comparison.second} p_holm" in table else None
    columns += [f"Difference to {second}"] if second else []
    columns += ["With failures"] if "with_failures" in table else []
    for score, name in SCORES.items():
        columns += [name] if f"{score} mean" in table else []
        columns += [f"{name}: difference"] if f"{score} p_holm" in table else []
    columns += [f"Time, {variant}" if several else "Time" for variant in study.variants]
    rows = []
    for label, row in table.iterrows():
        cells = [Cell(str(label), str(label))]
        cells.append(Cell(runs_text(row), row["failures"], "", _tone(row)))
        for name in names:
            of_metric = decimals(table[f"{name} mean"])
            mean, sd = row[f"{name} mean"], row[f"{name} sd"]
            spread = f"± {number(sd, of_metric)}" if math.isfinite(sd) else ""
            cells.append(Cell(number(mean, of_metric), mean, spread))
        if "untuned mean" in table:
            cells.append(Cell(number(row["untuned mean"], places), row["untuned mean"]))
        verdict = f"{MARKS.get(row['verdict'], '')}\u00a0{row['verdict']}".strip()
        cells += [
            Cell(
                number(row["difference"], places, signed=True),
                row["difference"],
                interval(row, places),
            ),
            Cell(verdict, row["verdict"], "", _verdict_tone(row["verdict"])),
            Cell(probability(row["p_holm"]), row["p_holm"]),
            Cell(percent(row["win_share"]), row["win_share"]),
        ]
        if second:
            cells.append(_tested(row, second, places))
        if "with_failures" in table:
            cells.append(Cell(number(row["with_failures"], places), row["with_failures"]))
        for score in SCORES:
            if f"{score} mean" in table:
                cells.append(_score(score, row[f"{score} mean"], row[f"{score} sd"]))
            if f"{score} p_holm" in table:
                cells.append(_tested(row, score, 1))
        for variant in study.variants:
            us, ratio = times.loc[label, f"{variant} us"], times.loc[label, f"{variant} ratio"]
            cells.append(
                Cell(microseconds(us), us, f"{ratio:.2f} times" if math.isfinite(ratio) else "")
            )
        rows.append(cells)
    return Table(columns, rows)


def _tested(row: pd.Series, prefix: str, places: int) -> Cell:
    """A difference with its interval and corrected p."""
    names = ("difference", "low", "high", "p_holm")
    values = pd.Series({name: row[f"{prefix} {name}"] for name in names})
    p = values["p_holm"]
    tone = ""
    if p < 1 - LEVEL:
        tone = "better" if values["difference"] > 0 else "worse"
    text = number(values["difference"], places, signed=True)
    detail = f"{interval(values, places)} p {probability(p)}" if math.isfinite(p) else ""
    return Cell(text, values["difference"], detail.strip(), tone)


def _score(score: str, mean: float, sd: float) -> Cell:
    """Delta-m, signed, or the retained share, both in percent."""
    delta = score == "delta_m"
    factor, places = (1, 1) if delta else (100, 0)
    spread = f"± {number(factor * sd, places)}" if math.isfinite(sd) else ""
    return Cell(number(factor * mean, places, signed=delta), mean, spread)


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


def _direction(study: Study, task: str, metric: str) -> str:
    return "(max)" if study.metrics(task)[metric]["higher_is_better"] else "(min)"


def _tone(row: pd.Series) -> str:
    if row["verdict"] == NOT_RUN:
        return "missing"
    return "failed" if row["failures"] else ""


def _verdict_tone(verdict: str) -> str:
    return {BETTER: "better", BETTER_BUT_FAILS: "better", WORSE: "worse"}.get(verdict, "")
