"""What a task and a run tell a strategy that does not know them: hand-set weights, batch size."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...datasets.core.task import Task


def told(strategy: Any, task: Task) -> Any:
    """The strategy with what it leaves open, where it has it: `weights` and `batch_size`.

    A nuisance loss's weight is applied by the engine together with its sign, so only literal
    strategies, which see the plain losses, are told it.

    Args:
        strategy: what is None in it is filled in.
        task: with the hand-set weights of its document and the batch size of the run.
    """

    def weights(literal: bool) -> tuple[float, ...]:
        return tuple(
            head.weight if literal or head.kind == "task" else 1.0 for head in task.combined
        )

    return filled(
        strategy,
        {"weights": lambda inner: weights(inner.literal), "batch_size": lambda _: task.batch_size},
    )


def filled(strategy: Any, known: Mapping[str, Callable[[Any], Any]]) -> Any:
    """The strategy, or the one that it wraps, with fields that are None filled in.

    Args:
        strategy: any.
        known: what a field is, asked only where it is open, of the strategy that has it.
    """
    if hasattr(strategy, "inner"):
        return dataclasses.replace(strategy, of=filled(strategy.inner, known))
    names = {field.name for field in dataclasses.fields(strategy)}
    missing = {
        name: value(strategy)
        for name, value in known.items()
        if name in names and getattr(strategy, name) is None
    }
    return dataclasses.replace(strategy, **missing) if missing else strategy
