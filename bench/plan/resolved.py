"""A cell's words as objects: its strategy and its task, resolved in one place."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from ...strategies.core import registry
from . import tasks
from .told import told

if TYPE_CHECKING:
    from ...datasets.core.task import Task
    from ...strategies import Strategy


class Resolved(NamedTuple):
    """What a cell trains.

    Attributes:
        strategy: with the task's hand-set weights and the batch size filled in.
        task: with the cell's optimizer and batch size.
        given: names of the hyperparameters that the strategy's call sets itself.
    """

    strategy: Strategy
    task: Task
    given: tuple[str, ...]


def resolved(strategy: str, task: str, **changed: Any) -> Resolved:
    """What a cell of these trains.

    Args:
        strategy: what `strategies.get` takes.
        task: what `tasks.get` takes.
        changed: what the cell sets in place of the task's own, as its optimizer.

    Raises:
        ValueError: the strategy or the task is not there.
    """
    found = dataclasses.replace(tasks.get(task), **changed)
    given = registry.parse_call(strategy)[1]
    return Resolved(strategy_on(found, strategy), found, tuple(given))


def strategy_on(task: Task, strategy: str | Any) -> Strategy:
    """A strategy as a cell of the task has it: what it leaves open is filled in.

    Args:
        task: what it trains.
        strategy: what `strategies.get` takes, or the strategy itself.

    Raises:
        ValueError: there is none, or it refuses its hyperparameters.

    Example:
        >>> from lossbench.bench.plan import tasks
        >>> strategy_on(tasks.get("two_digits"), "weighted").weights
        (0.8, 0.2)
    """
    made = registry.get(strategy) if isinstance(strategy, str) else strategy
    return told(made, task)
