"""What can be wrong with a task, found before training and said in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .task import SPLITS

ROWS = 2048  # in one call of the model: tens of thousands of pictures at once fill the memory

if TYPE_CHECKING:
    from .task import Head, Splits, Task


def check(task: Task, splits: Splits) -> None:
    """Refuse a task whose data, model, losses and metrics do not fit together.

    Builds a fresh model and runs every loss and every ordinary metric on all rows of all splits,
    eagerly: losses check their labels then. Probes are left out: they cost seconds.

    Args:
        task: to check.
        splits: what `task.data` returned.

    Raises:
        ValueError: one line with what was expected and what came.
    """
    import tensorflow as tf

    name = task.name or "task"
    _check_arrays(name, splits)
    model = task.model()
    for split in SPLITS:
        where = f"{name}, {split}"
        parts = []
        for at in range(0, len(splits[split]["x"]), ROWS):
            batch = {k: tf.constant(column[at : at + ROWS]) for k, column in splits[split].items()}
            outputs = _attempt(f"{where}: the model fails on x", lambda b=batch: model(b["x"]))
            if not hasattr(outputs, "keys"):
                raise ValueError(
                    f"{name}: the model must return a dict of outputs, got {type(outputs).__name__}"
                )
            for head in task.heads:
                _check_loss(f"{where}, {head.name}", head, outputs, batch)
            parts.append({key: np.asarray(value) for key, value in outputs.items()})
        outputs = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        _check_metrics(where, task, outputs, splits, split)
    _attempt(f"{name}: primary", lambda: task.metric(task.primary))


def _check_arrays(name: str, splits: Splits) -> None:
    if set(splits) != set(SPLITS):
        raise ValueError(
            f"{name}: data must have the splits {', '.join(SPLITS)}, got {_list(splits)}"
        )
    keys = set(splits["train"])
    for split, columns in splits.items():
        where = f"{name}, {split}"
        if "x" not in columns:
            raise ValueError(f'{where}: data must have the input "x", got {_list(columns)}')
        if set(columns) != keys:
            raise ValueError(f"{where}: has {_list(columns)} where train has {_list(keys)}")
        lengths = {key: len(column) for key, column in columns.items()}
        if not lengths["x"]:
            raise ValueError(f"{where}: the split is empty")
        for key, column in columns.items():
            if lengths[key] != lengths["x"]:
                raise ValueError(f"{where}: {key} has {lengths[key]} rows, x has {lengths['x']}")
            wrong = ~np.isfinite(column) if column.dtype.kind == "f" else np.zeros(1, bool)
            if wrong.any():
                row = int(np.argwhere(wrong)[0][0])
                raise ValueError(
                    f"{where}: {key} has {int(wrong.sum())} values that are not finite, "
                    f"the first in row {row}"
                )


def _check_loss(where: str, head: Head, outputs, batch) -> None:
    elements = _attempt(f"{where}: the loss fails", lambda: head.loss(outputs, batch))
    rows = len(batch["x"])
    if len(elements.shape) != 2 or elements.shape[0] != rows:
        raise ValueError(
            f"{where}: a loss must return elements (B, O), here ({rows}, O); got {elements.shape}"
        )
    if not np.isfinite(elements).all():
        raise ValueError(f"{where}: the loss of a fresh model is not finite")
    if head.observed is not None:
        if head.observed not in batch:
            raise ValueError(f"{where}: no mask {head.observed!r} in the data: {_list(batch)}")
        mask = np.asarray(batch[head.observed])
        if mask.shape != tuple(elements.shape) or not np.isin(mask, (0, 1)).all():
            raise ValueError(
                f"{where}: the mask {head.observed!r} must hold 0 and 1 and have the shape "
                f"{tuple(elements.shape)} of the loss; got shape {mask.shape}"
            )
    if head.relevant is not None and not set(head.relevant) <= set(range(np.shape(elements)[1])):
        raise ValueError(
            f"{where}: relevant outputs {head.relevant}, and there are {elements.shape[1]}"
        )


def _check_metrics(where: str, task: Task, outputs, splits: Splits, split: str) -> None:
    for head in task.heads:
        if head.kind == "task" and not head.metrics:
            raise ValueError(f"{where}, {head.name}: a head of kind task needs a metric")
        for metric in head.metrics:
            if metric.fitted_on is None:
                what = f"{where}: the metric {head.name}/{metric.name} fails"
                _attempt(what, lambda m=metric: m.score({split: outputs}, splits, split))


def _attempt(what: str, action):
    try:
        return action()
    except Exception as error:  # a task file may do anything
        raise ValueError(f"{what}: {type(error).__name__}: {_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:300] + "..."


def _list(keys) -> str:
    return ", ".join(map(str, keys)) or "nothing"
