"""A problem in a precision: the network and the data that all strategies are timed with."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import tensorflow as tf

from ...datasets.core.data import cut, load
from ..train.network import Network
from . import problems

if TYPE_CHECKING:
    from ...datasets.core.task import Head, Task

MIXED = "mixed_bfloat16"  # Keras's policy; needs no scaling of losses as float16 does


class Problem:
    """A task's network and data, shared by all strategies that are timed on it.

    Args:
        name: what `problems.get` takes.
        data_dir: folder of prepared data.
        precision: "float32" or "mixed": layers in bfloat16, weights and losses in float32.
    """

    def __init__(self, name: str, data_dir: Path, precision: str) -> None:
        task = problems.get(name)
        self.task = _in_float32(task) if precision == "mixed" else task
        arrays = load(task, data_dir)["train"]
        self.data = tf.nest.map_structure(tf.constant, dict(arrays))
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(MIXED if precision == "mixed" else "float32")
        try:
            self.network = Network(self.task, cut(self.data, 0, task.batch_size))
        finally:
            keras.config.set_dtype_policy(policy)


def _in_float32(task: Task) -> Task:
    """The task whose losses take outputs of any precision and are computed in float32."""

    def cast(head: Head) -> Head:
        def loss(outputs, batch):
            return head.loss({k: tf.cast(v, tf.float32) for k, v in outputs.items()}, batch)

        return dataclasses.replace(head, loss=loss)

    return dataclasses.replace(task, heads=tuple(cast(head) for head in task.heads))
