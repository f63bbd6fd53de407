"""The single-task scores of a study: what each loss reached alone, with the same seeds."""

from __future__ import annotations

import math

import pandas as pd

from ...text.numbers import decimals, number
from ...text.words import enumerate_
from ..read.study import Study


def single_task(study: Study) -> pd.DataFrame:
    """Mean and SD of each head's own metric where its loss was trained alone.

    Returns:
        One row per (task, head) that has such runs: `metric`, `runs` that finished, `mean`, `sd`,
        and `at_chance`, how many of them are no better than chance.
    """
    rows, finished = [], study.single_task[study.single_task["status"] == "ok"]
    by_cell = dict(iter(finished.groupby(["task", "label"])))
    for task, labels in study.single_task_labels.items():
        for head, label in labels.items():
            metric = study.first_metric(task, head)
            values = _values(by_cell.get((task, label)), f"metric/{metric}/test")
            about = study.plan["tasks"][task]["metrics"][metric]
            chance, sign = about.get("chance"), 1 if about["higher_is_better"] else -1
            stuck = 0 if chance is None else int((sign * (values - chance) <= 0).sum())
            rows.append((task, head, metric, values.count(), values.mean(), values.std(), stuck))
    columns = ["task", "head", "metric", "runs", "mean", "sd", "at_chance"]
    return pd.DataFrame(rows, columns=columns).set_index(["task", "head"])


def _values(runs: pd.DataFrame | None, column: str) -> pd.Series:
    """One value per seed of the runs of a cell."""
    if runs is None or column not in runs:
        return pd.Series(dtype=float)
    return runs.drop_duplicates("seed")[column]


def notes(table: pd.DataFrame) -> list[str]:
    """What a reader must know of the single-task runs, one sentence each.

    Args:
        table: of `single_task`.
    """
    stuck = table[table["at_chance"] > 0]
    if stuck.empty:
        return []
    names = [
        f"{head} on {task} ({row['at_chance']} of {row['runs']} seeds)"
        for (task, head), row in stuck.iterrows()
    ]
    return [
        f"Single-task runs that are no better than chance: {enumerate_(names)}. They leave nothing "
        "to retain: the retained share there is of the other seeds, or missing."
    ]


def sentence(table: pd.DataFrame, task: str) -> str:
    """The single-task scores of one task in words; empty when it has none.

    Args:
        table: of `single_task`.
    """
    table = table[(table["runs"] > 0) & (table.index.get_level_values("task") == task)]
    scores = []
    for _, row in table.iterrows():
        places = decimals([row["mean"]])
        spread = f" ± {number(row['sd'], places)}" if math.isfinite(row["sd"]) else ""
        scores.append(f"{row['metric']} {number(row['mean'], places)}{spread}")
    if not scores:
        return ""
    return f"Single-task scores, each loss trained alone with the same seeds: {', '.join(scores)}."
