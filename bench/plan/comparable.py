"""Stored cells that belong beside a plan's: one more strategy stands beside all that ran before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import single_task, static_weights
from .cell import Cell, resolve

if TYPE_CHECKING:
    from .plan import Plan

FIXED = (  # what a cell is resolved from, beside its strategy and its task
    *("seeds", "steps", "batch_size", "learning_rate", "optimizer", "device", "xla"),
    *("precision", "heads", "vectorised", "budget", "tunings", "judged", "data"),
)


def with_comparable(plan: Plan, stored: Iterable[Cell]) -> dict[str, Any]:
    """The plan's content with those stored cells that belong beside it in a table.

    A cell does when its conditions are those that the plan has for its task, and its code is
    today's. One that trains a single loss is a single-task cell, and one with the weights of a
    static-weights curve a point of it: strategies only when they are asked for.
    """
    wanted = {cell.key for cell in plan.cells}
    conditions = {cell.conditions for cell in plan.cells}
    others = [
        cell
        for cell in stored
        if cell.key not in wanted and cell.conditions in conditions and _is_current(plan, cell)
    ]
    others.sort(key=lambda cell: cell.label)
    tasks = [task for task, _ in plan.tasks.values()]
    alone = single_task.among([*plan.cells, *others], tasks)
    fixed = static_weights.among([*plan.cells, *others], tasks)
    no_strategies = {
        task.name: {*alone.get(task.name, {}).values(), *fixed.get(task.name, ())} for task in tasks
    }
    strategies = [
        *plan.content["strategies"],
        *(cell.label for cell in others if cell.label not in no_strategies[cell.task_name]),
    ]
    return {
        **plan.content,
        "strategies": list(dict.fromkeys(strategies)),
        "single_task": alone,
        "static_weights": fixed,
        "cells": [*(cell.key for cell in others), *plan.content["cells"]],
    }


def _is_current(plan: Plan, cell: Cell) -> bool:
    task, source = plan.tasks[cell.task_name]
    try:
        today = resolve(cell.strategy, task, source, **{key: getattr(cell, key) for key in FIXED})
    except (ValueError, OSError):  # a plug-in file that is gone
        return False
    return today.key == cell.key
