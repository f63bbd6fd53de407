"""What a task tells a strategy: the hand-set weights of the document that it comes from."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...datasets.core.task import Task


def with_hand_weights(strategy: Any, task: Task) -> Any:
    """The strategy with the task's hand-set weights where it takes weights and has none.

    A nuisance loss's weight is applied by the engine together with its sign, so only literal
    strategies, which see the plain losses, are told it.
    """
    if hasattr(strategy, "inner"):
        return dataclasses.replace(strategy, of=with_hand_weights(strategy.inner, task))
    names = [field.name for field in dataclasses.fields(strategy)]
    if "weights" not in names or strategy.weights is not None:
        return strategy
    weights = tuple(
        head.weight if strategy.literal or head.kind == "task" else 1.0 for head in task.combined
    )
    return dataclasses.replace(strategy, weights=weights)
