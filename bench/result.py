"""What is stored of a cell, whether it finished or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..strategies.core import registry
from . import references, tasks

if TYPE_CHECKING:
    from .spec import Cell


def result(cell: Cell, rows: list[dict[str, Any]], timing: dict[str, float]) -> dict[str, Any]:
    """The content of result.json.

    Args:
        cell: what was run.
        rows: one per seed, with its status, reason and metrics.
        timing: what of compile_s, step_time_us and wall_s is known.
    """
    strategy, task = registry.get(cell.strategy), tasks.get(cell.task)
    return {
        "seeds": rows,
        "timing": timing,
        "primary": task.primary,
        "heads": references.heads(task),
        "contract": strategy.contract,
        "cost": strategy.cost,
    }
