"""What a task and a run tell a strategy that does not know them: hand-set weights, batch size."""

from __future__ import annotations

import dataclasses
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
    if hasattr(strategy, "inner"):
        return dataclasses.replace(strategy, of=told(strategy.inner, task))
    known = {
        "weights": tuple(
            head.weight if strategy.literal or head.kind == "task" else 1.0
            for head in task.combined
        ),
        "batch_size": task.batch_size,
    }
    names = {field.name for field in dataclasses.fields(strategy)}
    missing = {
        name: value
        for name, value in known.items()
        if name in names and getattr(strategy, name) is None
    }
    return dataclasses.replace(strategy, **missing) if missing else strategy
