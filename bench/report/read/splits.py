"""Runs on several splits of a task's data, as runs of one task: the split is part of the block.

A task on another split, `units[split=1]`, has tunings and single-task runs of its own. Read as
`units`, its seeds and tunings get numbers of their own, so that a run is paired with those of the
same split, tuning and seed; and the splits, as the tunings, are what a further study would draw
anew: intervals and tests are over them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ...plan.presets import SEEDS


def parent(task: str) -> tuple[str, int]:
    """A task without its split, and the number of that.

    Example:
        >>> parent("units[sgd,split=2]"), parent("units[split=1]"), parent("units")
        (('units[sgd]', 2), ('units', 1), ('units', 0))
    """
    base, _, varied = task.partition("[")
    parts = varied.removesuffix("]").split(",")
    number = next((int(p.removeprefix("split=")) for p in parts if p.startswith("split=")), 0)
    others = ",".join(part for part in parts if not part.startswith("split="))
    return (f"{base}[{others}]" if others else base), number


def joined(
    plan: Mapping[str, Any], runs: pd.DataFrame, trials: pd.DataFrame
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Plan, runs and trials with the splits of a task as one task; as they are without splits."""
    found = {task: parent(task) for task in plan["tasks"]}
    # A split whose task is not there stands for itself.
    found = {t: (up, n) if n and up in plan["tasks"] else (t, 0) for t, (up, n) in found.items()}
    if not any(number for _, number in found.values()):
        return dict(plan), runs, trials
    counts: dict[str, int] = {}
    for up, _ in found.values():
        counts[up] = counts.get(up, 0) + 1
    tunings = int(plan.get("tunings", 1))
    tasks = {}
    for task, count in counts.items():
        about = plan["tasks"][task]
        tasks[task] = {**about, "splits": count, "seeds": count * about["seeds"]}
    kept = {
        key: {task: value for task, value in plan[key].items() if task in tasks}
        for key in ("single_task", "static_weights")
    }
    runs, trials = (_joined(table, found, tunings) for table in (runs, trials))
    if tunings == 1:  # a task of one split has no other unit than its seeds
        alone = runs["task"].map(counts) == 1
        runs["tuning"] = runs["tuning"].where(~alone, runs["seed"])
    return {**plan, **kept, "tasks": tasks, "splits": max(counts.values())}, runs, trials


def recorded_seed(seeds: pd.Series) -> pd.Series:
    """The seeds as the cells of a split have them."""
    return seeds % SEEDS


def _joined(
    table: pd.DataFrame, found: Mapping[str, tuple[str, int]], tunings: int
) -> pd.DataFrame:
    number = table["task"].map({task: number for task, (_, number) in found.items()})
    more: dict[str, Any] = {
        "task": table["task"].map({task: up for task, (up, _) in found.items()})
    }
    if "seed" in table:
        more["seed"] = table["seed"] + SEEDS * number
    if "tuning" in table:
        more["tuning"] = table["tuning"].fillna(0) + tunings * number
    return table.assign(**more)
