"""What can be wrong with a task, found before training and said in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .attempt import attempt
from .built import built
from .check_arrays import check_arrays
from .check_heads import check_labels, check_loss, check_metrics, check_reach
from .data import cut, rows
from .task import SPLITS

if TYPE_CHECKING:
    from .task import Splits, Task

ROWS = 2048  # in one call of the model: tens of thousands of pictures at once fill the memory
FEW = 8  # rows on which the gradients of the losses are looked at


def check(task: Task, splits: Splits) -> None:
    """Refuse a task whose data, model, losses and metrics do not fit together.

    Builds a fresh model and runs every loss and every ordinary metric on all rows of all splits,
    eagerly: losses check their labels then. Probes are left out: they cost seconds.

    Args:
        task: to check.
        splits: what `data.load` returned.

    Raises:
        ValueError: one line with what was expected and what came.
    """
    import tensorflow as tf

    name = task.name or "task"
    check_arrays(name, splits)
    x = splits["train"]["x"]
    model = attempt(f"{name}: the model can't be built", lambda: built(task, x))
    for split in SPLITS:
        where, parts = f"{name}, {split}", []
        for at in range(0, rows(splits[split]["x"]), ROWS):
            batch = tf.nest.map_structure(tf.constant, dict(cut(splits[split], at, at + ROWS)))
            outputs = attempt(f"{where}: the model fails on x", lambda b=batch: model(b["x"]))
            if not hasattr(outputs, "keys"):
                raise ValueError(
                    f"{name}: the model must return a dict of outputs, got {type(outputs).__name__}"
                )
            for head in task.heads:
                check_loss(f"{where}, {head.name}", head, outputs, batch)
            parts.append({key: np.asarray(value) for key, value in outputs.items()})
        outputs = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        check_labels(where, task, splits[split])
        check_metrics(where, task, outputs, splits, split)
    few = tf.nest.map_structure(tf.constant, dict(cut(splits["train"], 0, FEW)))
    check_reach(name, task, model, few)
    attempt(f"{name}: primary", lambda: task.metric(task.primary))
