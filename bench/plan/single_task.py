"""Single-task cells: each loss of a task trained alone, for every run to be held against.

They are ordinary cells of `weighted` with weight 1 for one loss and 0 for the others: what
several losses reach follows that one alone, beside the regularisers, which belong to the task.
The scores are in store/scores.py; their heads are those of kind "task", each with its first metric.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .cell import Cell, resolve

if TYPE_CHECKING:
    from ...datasets.core.task import Task


def heads(task: Task) -> list[dict[str, Any]]:
    """What the scores need to know of a task: an entry for each head of kind "task".

    Empty for a task that combines a single loss, which runs alone anyway, and for one that says
    that its losses are not to be trained alone.

    Returns:
        `name`, `metric` (a column of runs.parquet), `higher_is_better`, `chance` and `oracle` (or
        None) and `single_task`, the label of the cell that trains this loss alone.
    """
    if len(task.combined) < 2 or not task.referenced:
        return []
    return [
        {
            "name": head.name,
            "metric": f"metric/{head.name}/{head.metrics[0].name}/test",
            "higher_is_better": head.metrics[0].higher_is_better,
            "chance": head.metrics[0].chance,
            "oracle": head.metrics[0].oracle,
            "single_task": label(k, len(task.combined)),
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


def cells(task: Task, source: str, **chosen: Any) -> list[Cell]:
    """The single-task cells of a task, one per head of kind "task", tuned by that head alone."""
    found = []
    for head in heads(task):
        judged = (head["metric"].removeprefix("metric/").removesuffix("/test"),)
        found.append(
            resolve(
                head["single_task"],
                task,
                source,
                **chosen | ({"judged": judged} if chosen.get("budget") else {}),
            )
        )
    return found


def among(cells: Iterable[Cell], tasks: Iterable[Task]) -> dict[str, dict[str, str]]:
    """Task to head to the label of its single-task cell, where that is one of the cells."""
    there = {(cell.task_name, cell.label) for cell in cells}
    found = {
        task.name: {
            head["name"]: head["single_task"]
            for head in heads(task)
            if (task.name, head["single_task"]) in there
        }
        for task in tasks
    }
    return {task: labels for task, labels in found.items() if labels}
