"""A task's model with its weights."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from .data import cut

if TYPE_CHECKING:
    import keras

    from .task import Task

FEW = 2  # rows of the call that makes the weights


def built(task: Task, x: Any) -> keras.Model:
    """A new model of a task; one that has no weights until its first call is called, as `fit` does.

    Args:
        task: whose model.
        x: inputs (N, ...), an array or a nest of arrays; only the first rows are looked at.
    """
    import tensorflow as tf

    model = task.model()
    if not (model.built and all(layer.built for layer in model.layers)):
        model(tf.nest.map_structure(tf.constant, cut(x, 0, FEW)))
    return model


def mode(model: keras.Model, training: bool) -> dict[str, bool]:
    """The argument `training` of a call, for a model whose `call` takes it."""
    taken = inspect.signature(model.call).parameters
    has = "training" in taken or any(p.kind is p.VAR_KEYWORD for p in taken.values())
    return {"training": training} if has else {}
