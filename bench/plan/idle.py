"""Strategies that have nothing to do on a task: left out there, with a line that says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...strategies.core import registry
from ...strategies.core.contracts import Situation
from ..text.words import count

if TYPE_CHECKING:
    from ...datasets.core.task import Task

MANY = 4  # tasks that a line does not name one by one


def situation(task: Task) -> Situation:
    """What a strategy finds on a task.

    Example:
        >>> from lossbench.datasets.shortcut import task
        >>> situation(task)
        Situation(losses=2, nuisances=1, relevant=False)
    """
    heads = task.combined
    return Situation(
        losses=len(heads),
        nuisances=sum(head.kind == "nuisance" for head in heads),
        relevant=any(head.relevant is not None for head in heads),
    )


def busy(
    strategies: Sequence[str], tasks: Iterable[Task]
) -> tuple[dict[str, tuple[str, ...]], str]:
    """Task to the strategies that have something to do there, and a line on the others.

    Args:
        strategies: what `strategies.get` takes.
        tasks: with their names.

    Example:
        >>> from lossbench.bench.plan import tasks
        >>> busy(["sum", "subtraction"], [tasks.get("two_digits")])[1]
        'left out, they have nothing to do: subtraction on two_digits (nothing to unlearn)'
    """
    made = {name: registry.get(name) for name in strategies}
    found: dict[str, tuple[str, ...]] = {}
    idle: dict[tuple[str, str], list[str]] = {}  # strategy and reason to tasks
    for task in tasks:
        reasons = {name: strategy.idle(situation(task)) for name, strategy in made.items()}
        found[task.name] = tuple(name for name in strategies if not reasons[name])
        for name, reason in reasons.items():
            if reason:
                idle.setdefault((name, reason), []).append(task.name)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}  # reason and tasks to strategies
    for (name, reason), of_tasks in idle.items():
        alike.setdefault((reason, tuple(of_tasks)), []).append(name)
    parts = [
        f"{', '.join(names)} on {_on(of_tasks)} ({reason})"
        for (reason, of_tasks), names in alike.items()
    ]
    return found, f"left out, they have nothing to do: {'; '.join(parts)}" if parts else ""


def _on(tasks: Sequence[str]) -> str:
    return ", ".join(tasks) if len(tasks) < MANY else count(len(tasks), "task")
