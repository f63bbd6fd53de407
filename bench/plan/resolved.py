"""A cell's words as objects: its strategy and its task, resolved in one place."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from ...strategies.core import registry
from . import tasks
from .hand_weights import with_hand_weights

if TYPE_CHECKING:
    from ...datasets.core.task import Task
    from ...strategies import Strategy


class Resolved(NamedTuple):
    """What a cell trains.

    Attributes:
        strategy: with the task's hand-set weights filled in.
        task: with the cell's optimizer.
        given: names of the hyperparameters that the strategy's call sets itself.
    """

    strategy: Strategy
    task: Task
    given: tuple[str, ...]


def resolved(strategy: str, task: str, optimizer: str) -> Resolved:
    """What a cell of these trains.

    Raises:
        ValueError: the strategy or the task is not there.
    """
    found = dataclasses.replace(tasks.get(task), optimizer=optimizer)
    given = registry.parse_call(strategy)[1]
    return Resolved(strategy_on(found, strategy), found, tuple(given))


def strategy_on(task: Task, strategy: str | Any) -> Strategy:
    """A strategy as a cell of the task has it: the task's hand-set weights filled in.

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
    return with_hand_weights(made, task)
