"""The static-weights curve of a task with two losses: what constant weights reach.

    min w_1 l_1 + w_2 l_2,   w_2 / w_1 = 10**-1.5, 10**-1, ..., 10**1.5, and each loss alone

A strategy that is worth its cost lies beyond this curve. Its cells are ordinary cells of
`weighted`, tuned like the strategies; its ends are the single-task runs. A nuisance loss has none:
there the curve is that of how strongly it is unlearned.

Source: Xin et al. 2022 (arXiv 2209.11379), Kurin et al. 2022 (arXiv 2201.04122).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import single_task
from .cell import Cell, resolve

if TYPE_CHECKING:
    from ...datasets.core.task import Task


EXPONENTS = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)


def labels(task: Task) -> tuple[str, ...]:
    """The cells of a task's curve, from the first loss alone to the second; () without a curve.

    Example:
        >>> from lossbench.datasets.two_digits import task
        >>> labels(task)[1]
        'weighted(weights=(0.9693, 0.0307))'
    """
    heads = task.combined
    if len(heads) != 2 or not all(head.metrics for head in heads):
        return ()
    shares = [1 / (1 + 10.0**exponent) for exponent in EXPONENTS]
    inner = [f"weighted(weights=({round(s, 4)}, {round(1 - s, 4)}))" for s in shares]
    return (single_task.label(0, 2), *inner, single_task.label(1, 2))


def cells(task: Task, source: str, **chosen: Any) -> list[Cell]:
    """The cells of a task's curve, without its ends, which are single-task cells."""
    return [resolve(label, task, source, **chosen) for label in labels(task)[1:-1]]


def among(cells: Iterable[Cell], tasks: Iterable[Task]) -> dict[str, list[str]]:
    """Task to the labels of its curve that are among the cells, in their order."""
    there = {(cell.task_name, cell.label) for cell in cells}
    found = {
        task.name: [label for label in labels(task) if (task.name, label) in there]
        for task in tasks
    }
    return {task: of_task for task, of_task in found.items() if of_task}
