"""Whether the losses and metrics of a task fit its model and its data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .attempt import attempt
from .built import mode
from .data import rows

if TYPE_CHECKING:
    import keras

    from .task import Arrays, Head, Splits, Task


def check_loss(where: str, head: Head, outputs: Any, batch: Any) -> None:
    """Refuse a loss that is none, or a mask that does not fit it.

    Raises:
        ValueError: one line that begins with `where`.
    """
    known = (*outputs, *batch)
    elements = attempt(f"{where}: the loss fails", lambda: head.loss(outputs, batch), known)
    count = rows(batch["x"])
    shape = tuple(getattr(elements, "shape", ()))
    if len(shape) != 2 or shape[0] != count:
        raise ValueError(
            f"{where}: a loss must return elements (B, O), here ({count}, O); got {shape}"
        )
    if not np.isfinite(elements).all():
        raise ValueError(f"{where}: the loss of a fresh model is not finite")
    if head.observed is not None:
        _check_mask(where, head.observed, batch, shape)
    if head.relevant is not None and not set(head.relevant) <= set(range(shape[1])):
        raise ValueError(f"{where}: relevant outputs {head.relevant}, and there are {shape[1]}")


def _check_mask(where: str, key: str, batch: Any, shape: tuple[int, ...]) -> None:
    if key not in batch:
        raise ValueError(f"{where}: no mask {key!r} in the data: {', '.join(batch)}")
    mask = np.asarray(batch[key])
    if mask.ndim != 2 or mask.shape not in (shape, (shape[0], 1)):
        raise ValueError(
            f"{where}: the mask {key!r} has the shape {shape} of the loss, or {(shape[0], 1)}; "
            f"got {mask.shape}"
        )
    if mask.dtype.kind not in "fiub" or (mask < 0).any():
        raise ValueError(
            f"{where}: the mask {key!r} holds 0 where a label is missing, 1 where it is there, or "
            f"its weight, a number >= 0; got "
            + (f"{mask.min():g}" if mask.dtype.kind in "fiub" else str(mask.dtype))
        )


def check_labels(where: str, task: Task, columns: Arrays) -> None:
    """Refuse a head without any label.

    Raises:
        ValueError: one line that begins with `where`.
    """
    for head in task.heads:
        if head.observed is not None and not np.any(columns[head.observed]):
            raise ValueError(
                f"{where}, {head.name}: no row has a label, the mask {head.observed!r} is 0 "
                "everywhere; give it some labels, or leave the head out"
            )


def check_metrics(where: str, task: Task, outputs: Any, splits: Splits, split: str) -> None:
    """Refuse a metric that fails, or gives no finite figure, for a fresh model.

    Raises:
        ValueError: one line that begins with `where`.
    """
    known = (*outputs, *splits[split])
    for head in task.heads:
        if head.kind == "task" and not head.metrics:
            raise ValueError(f"{where}, {head.name}: a head of kind task needs a metric")
        for metric in head.metrics:
            if metric.fitted_on is not None:
                continue
            what = f"{where}: the metric {head.name}/{metric.name}"
            value = attempt(
                f"{what} fails", lambda m=metric: m.score({split: outputs}, splits, split), known
            )
            if not math.isfinite(value):
                raise ValueError(
                    f"{what} of a fresh model is {value:g}: give the split targets that vary and "
                    "labels of every class, or take another metric"
                )


def check_reach(name: str, task: Task, model: keras.Model, batch: Any) -> None:
    """Refuse a loss that trains nothing.

    Raises:
        ValueError: one line that begins with the task's name.
    """
    import tensorflow as tf

    variables = model.trainable_variables
    if not variables:
        raise ValueError(f"{name}: the model has no trainable variable")
    with tf.GradientTape(persistent=True) as tape:
        outputs = model(batch["x"], **mode(model, True))
        values = {head.name: tf.reduce_mean(head.loss(outputs, batch)) for head in task.heads}
    for head, value in values.items():
        if all(found is None for found in tape.gradient(value, variables)):
            raise ValueError(
                f"{name}, {head}: the loss depends on no trainable variable of the model; it must "
                "be made of its outputs by TensorFlow's operations"
            )
