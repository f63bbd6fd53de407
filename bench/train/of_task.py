"""What depends on a task alone, made once: the cells of a worker come task by task."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from ...datasets.core.data import cut, load
from .network import Network

if TYPE_CHECKING:
    from ...datasets.core.task import Splits, Task


@functools.lru_cache(maxsize=1)
def splits_of(task: Task, data_dir: Path) -> Splits:
    """The arrays of a task, as this process has read them."""
    return load(task, data_dir)


@functools.lru_cache(maxsize=2)
def network_of(task: Task, data_dir: Path, batch_size: int) -> Network:
    """Its model as functions, traced for batches of this size."""
    data: Any = splits_of(task, data_dir)["train"]
    return Network(task, tf.nest.map_structure(tf.constant, dict(cut(data, 0, batch_size))))
