"""What there is to choose from, as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from ..strategies.core import registry
from . import tasks as task_registry
from .presets import PRESETS


def strategies() -> str:
    """Name, contract, cost in passes, promises and reference of every strategy."""
    rows = []
    for name in registry.names():
        try:
            strategy = registry.get(name)
        except ValueError as error:
            rows.append((name, "broken", "", "", str(error)))
            continue
        rows.append(
            (
                name,
                strategy.contract,
                strategy.cost,
                ", ".join(promise.replace("_", " ") for promise in strategy.promises),
                strategy.reference,
            )
        )
    return _table(("strategy", "contract", "cost", "promises", "reference"), rows)


def tasks() -> str:
    """Name, losses, main metric, length and question of every task."""
    rows = []
    for name in task_registry.names():
        try:
            task = task_registry.get(name)
        except ValueError as error:
            rows.append((name, "broken", "", "", str(error)))
            continue
        heads = ", ".join(
            head.name if head.kind == "task" else f"{head.name} ({head.kind})"
            for head in task.heads
        )
        rows.append((name, heads, task.primary, str(task.steps), task.summary))
    return _table(("task", "losses", "main metric", "steps", "question"), rows)


def presets() -> str:
    """Name and extent of every preset."""
    rows = [
        (
            name,
            ", ".join(preset.tasks),
            "all" if preset.strategies is None else str(len(preset.strategies)),
            str(preset.seeds),
            "the task's" if preset.steps is None else str(preset.steps),
            preset.summary,
        )
        for name, preset in PRESETS.items()
    ]
    return _table(("preset", "tasks", "strategies", "seeds", "steps", "for"), rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    lines = [header, *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
