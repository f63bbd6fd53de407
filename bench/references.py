"""Single-task references: what each loss reaches alone, and every run's scores against it.

    delta_m          = mean over heads of 100 s (m - r) / |r|           percent, above 0 is better
    normalized_score = mean over heads of clip((m - c) / (r - c), 0, 1.5)   the retained share

m is the first metric of a head on the test split, r that of the reference with the same seed, c
its chance level, s = +1 where higher is better and -1 elsewhere. The heads are those of kind
"task". The second stands beside the first because a ratio to a small r has no bounds.

A reference is an ordinary cell of `weighted` with weight 1 for one loss and 0 for the others: what
several losses reach follows that one alone, beside the regularisers, which belong to the task.
A single-task score is no upper bound: losses can help each other.

Source: delta-m as in Maninis et al. 2019 (arXiv 1904.08918).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .spec import Cell, resolve

if TYPE_CHECKING:
    from ..datasets.core.task import Task

MOST = 1.5  # of a retained share: a head far above its reference must not hide a ruined one


def heads(task: Task) -> list[dict[str, Any]]:
    """What the scores need to know of a task: an entry for each head of kind "task".

    Empty for a task that combines a single loss, which is its own reference, and for one that says
    it is not to be referenced.

    Returns:
        `name`, `metric` (a column of runs.parquet), `higher_is_better`, `chance` (or None) and
        `reference`, the label of the cell that trains this loss alone.
    """
    if len(task.combined) < 2 or not task.referenced:
        return []
    return [
        {
            "name": head.name,
            "metric": f"metric/{head.name}/{head.metrics[0].name}/test",
            "higher_is_better": head.metrics[0].higher_is_better,
            "chance": head.metrics[0].chance,
            "reference": label(k, len(task.combined)),
        }
        for k, head in enumerate(task.combined)
        if head.kind == "task" and head.metrics
    ]


def label(k: int, num_losses: int) -> str:
    """The strategy that follows loss k alone.

    Example:
        >>> label(1, 3)
        'weighted(weights=(0.0, 1.0, 0.0))'
    """
    return f"weighted(weights={tuple(float(i == k) for i in range(num_losses))})"


def cells(task: Task, source: str, **settings: Any) -> list[Cell]:
    """The reference cells of a task, one per head of kind "task", tuned by that head alone."""
    found = []
    for head in heads(task):
        judged = (head["metric"].removeprefix("metric/").removesuffix("/test"),)
        found.append(
            resolve(
                head["reference"],
                task,
                source,
                **settings | ({"judged": judged} if settings.get("trials") else {}),
            )
        )
    return found


def among(cells: Iterable[Cell], tasks: Iterable[Task]) -> dict[str, dict[str, str]]:
    """Task to head to the label of its reference, where that is one of the cells."""
    there = {(cell.task_name, cell.label) for cell in cells}
    found = {
        task.name: {
            head["name"]: head["reference"]
            for head in heads(task)
            if (task.name, head["reference"]) in there
        }
        for task in tasks
    }
    return {task: labels for task, labels in found.items() if labels}


def setting(cell: Cell) -> str:
    """What a run and its reference share beside the seed: all that pairs them.

    Not the device, and whether XLA compiled: the same numbers up to rounding.
    """
    return json.dumps(
        [
            *(cell.task_name, cell.steps, cell.batch_size, cell.learning_rate, cell.optimizer),
            *(cell.precision, cell.heads, cell.trials),
        ]
    )


def score(
    runs: pd.DataFrame,
    settings: Mapping[str, Any],
    about: Mapping[str, Sequence[Mapping[str, Any]]],
) -> pd.DataFrame:
    """Runs with `delta_m` and `normalized_score` of every row whose references are there.

    A run that failed has no delta-m and retains 0. NaN stays where a reference of the same seed is
    missing or failed, where it is 0 (for delta-m), and where it is no better than chance (for the
    retained share: nothing was learned that could be retained).

    Args:
        runs: tidy rows: cell, task, label, seed, status and the metric columns.
        settings: cell to what it shares with its references.
        about: task to the entries of `heads`.
    """
    parts = []
    for (task, _), group in runs.groupby(["task", runs["cell"].map(settings)], sort=False):
        ok = group["status"] == "ok"
        delta, share = {}, {}
        for head in about.get(task, ()):
            value = group.get(head["metric"], pd.Series(np.nan, group.index)).where(ok)
            alone = (group["label"] == head["reference"]).to_numpy()
            reference = value[alone].groupby(group["seed"][alone]).first()
            reference = group["seed"].map(reference).astype(float)
            sign = 1.0 if head["higher_is_better"] else -1.0
            chance = np.nan if head["chance"] is None else float(head["chance"])
            gain, reach = sign * (value - reference), sign * (reference - chance)
            delta[head["name"]] = 100 * gain / reference.abs().where(reference != 0)
            learned = sign * (value.where(ok, chance) - chance)
            share[head["name"]] = (learned / reach.where(reach > 0)).clip(0, MOST)
        if delta:
            columns = {"delta_m": delta, "normalized_score": share}
            parts.append(
                pd.DataFrame(
                    {k: pd.DataFrame(v).mean(axis=1, skipna=False) for k, v in columns.items()}
                )
            )
    found = pd.concat(parts) if parts else pd.DataFrame(columns=["delta_m", "normalized_score"])
    found = found.reindex(runs.index).astype(float)
    return runs.assign(**{column: found[column] for column in found})
