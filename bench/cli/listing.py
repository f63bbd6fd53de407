"""The command `lossbench list`: what there is to choose from, as plain text."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ...strategies.core import registry
from ..plan import tasks as task_registry
from ..plan.presets import PRESETS

MANY = 10  # so many losses are counted and not named
VARIATIONS = """\
Brackets behind a name vary a task; quote them, since shells read [ and *:
  'two_digits[right*0.01]'   the loss of one head times a constant
  'autoencode[sgd]'          SGD with momentum in place of Adam, where a rate for it was measured
  'moments[sgd,code*10]'     both"""


def options(command: argparse.ArgumentParser) -> None:
    """Adds the argument of the command."""
    command.add_argument("what", choices=("strategies", "tasks", "presets"))


def execute(options: argparse.Namespace) -> int:
    """Prints one of the lists."""
    print({"strategies": strategies, "tasks": tasks, "presets": presets}[options.what]())
    return 0


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
        if len(task.heads) >= MANY:
            heads = f"{len(task.heads)} losses"
        rows.append((name, heads, task.primary, str(task.steps), task.summary))
    table = _table(("task", "losses", "main metric", "steps", "question"), rows)
    return f"{table}\n\n{VARIATIONS}"


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
