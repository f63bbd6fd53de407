"""The table of one task."""

from __future__ import annotations

import math

import pandas as pd

from ...store.schema import STATUSES
from ...text.numbers import decimals, interval, microseconds, number, percent, probability
from ..analysis.comparison import Comparison
from ..analysis.verdicts import NOT_RUN
from ..read.study import Study
from .entries import SCORES, score, tested, verdict
from .exhibit import TableExhibit
from .table import Entry, Table

P_OF = {False: "p (max-T)", True: "p (t, Holm)"}  # by whether runs come in clusters


def runs_text(row: pd.Series) -> str:
    """ "8 ok, 2 diverged"."""
    parts = [f"{row[status]} {status}" for status in STATUSES if row[status]]
    return ", ".join(parts) or NOT_RUN


def task_table(comparison: Comparison, task: str) -> Table:
    """The table of one task for people."""
    study, table = comparison.study, comparison.tasks[task]
    criterion, times = study.criterion(task), comparison.times.loc[task]
    places = decimals(table[f"{criterion} mean"])
    names = [name for name in study.metrics(task) if f"{name} mean" in table]
    several = len(study.variants) > 1
    spiked = table["spiked"].notna().any()
    columns = ["Strategy", "Runs", *(["Spiked"] if spiked else [])]
    columns += [*(f"{name} {_direction(study, task, name)}" for name in names)]
    columns += ["Untuned"] if "untuned mean" in table else []
    columns += [
        f"Difference to {comparison.baseline}",
        "Verdict",
        P_OF[comparison.study.clustered],
        "Wins",
    ]
    second = comparison.second if f"{comparison.second} p_adjusted" in table else None
    columns += [f"Difference to {second}"] if second else []
    columns += ["With failures"] if "with_failures" in table else []
    for key, name in SCORES.items():
        columns += [name] if f"{key} mean" in table else []
        columns += [f"{name}: difference"] if f"{key} p_adjusted" in table else []
    columns += [f"Time, {variant}" if several else "Time" for variant in study.variants]
    prefixes = {second: places} if second else {}
    prefixes |= {key: 1 for key in SCORES if f"{key} p_adjusted" in table}
    changes = {prefix: tested(table, prefix, digits) for prefix, digits in prefixes.items()}
    rows = []
    for label, row in table.iterrows():
        entries = [Entry(str(label), str(label))]
        entries.append(Entry(runs_text(row), row["failures"], "", _tone(row)))
        if spiked:
            entries.append(Entry(number(row["spiked"], 0), row["spiked"]))
        for name in names:
            of_metric = decimals(table[f"{name} mean"])
            mean, sd = row[f"{name} mean"], row[f"{name} sd"]
            spread = f"± {number(sd, of_metric)}" if math.isfinite(sd) else ""
            entries.append(Entry(number(mean, of_metric), mean, spread))
        if "untuned mean" in table:
            entries.append(Entry(number(row["untuned mean"], places), row["untuned mean"]))
        entries += [
            Entry(
                number(row["difference"], places, signed=True),
                row["difference"],
                interval(row, places),
            ),
            verdict(row["verdict"]),
            Entry(probability(row["p_adjusted"]), row["p_adjusted"]),
            Entry(percent(row["win_share"]), row["win_share"]),
        ]
        if second:
            entries.append(changes[second][str(label)])
        if "with_failures" in table:
            entries.append(Entry(number(row["with_failures"], places), row["with_failures"]))
        for key in SCORES:
            if f"{key} mean" in table:
                entries.append(score(key, row[f"{key} mean"], row[f"{key} sd"]))
            if key in changes:
                entries.append(changes[key][str(label)])
        for variant in study.variants:
            us, ratio = times.loc[label, f"{variant} us"], times.loc[label, f"{variant} ratio"]
            entries.append(
                Entry(microseconds(us), us, f"{ratio:.2f} times" if math.isfinite(ratio) else "")
            )
        rows.append(entries)
    return Table(columns, rows)


def _direction(study: Study, task: str, metric: str) -> str:
    return "(max)" if study.metrics(task)[metric]["higher_is_better"] else "(min)"


def _tone(row: pd.Series) -> str:
    if row["verdict"] == NOT_RUN:
        return "missing"
    return "failed" if row["failures"] else ""


def caption(comparison: Comparison, task: str) -> str:
    """What the table of a task shows."""
    baseline, table = comparison.baseline, comparison.tasks[task]
    words = (
        "Runs that ended diverged stand under Runs; those that spiked were out of proportion for "
        "20 steps or more and came back. Mean ± SD on the test split over the runs that finished "
        "(max: higher is better, min: lower is better); paired difference to "
        f"{baseline} with its 95 % interval (positive is better), in the score where several heads "
        f"judge, and p of the {comparison.study.test} over all strategies, in which a failed run "
        "is a lost pair; "
        f"training time per step and seed, and its ratio to {baseline} in the same variant"
    )
    if comparison.second is not None and f"{comparison.second} p_adjusted" in table:
        words += f"; difference to tuned static weights ({comparison.second}), p of its test"
    if "delta_m mean" in table:
        words += "; Δm and the retained share: against single-task runs"
    return f"{words}."


TASK = TableExhibit(
    name="{task}",
    make=task_table,
    frame=lambda comparison, task: comparison.tasks[task],
    place="task",
    caption=caption,
)
