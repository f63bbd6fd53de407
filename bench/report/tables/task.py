"""The table of one task."""

from __future__ import annotations

import math

import pandas as pd

from ...text.numbers import decimals, interval, microseconds, number, percent, probability
from ..analysis.comparison import Comparison
from ..analysis.verdicts import NOT_RUN
from ..read.study import STATUSES, Study
from .entries import MARKS, SCORES, _score, _tested, _verdict_tone
from .table import Cell, Table


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


def _direction(study: Study, task: str, metric: str) -> str:
    return "(max)" if study.metrics(task)[metric]["higher_is_better"] else "(min)"


def _tone(row: pd.Series) -> str:
    if row["verdict"] == NOT_RUN:
        return "missing"
    return "failed" if row["failures"] else ""
