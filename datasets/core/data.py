"""The data of a task as every part of the harness takes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .task import Splits, Task


def load(task: Task, folder: Path) -> Splits:
    """The arrays of a task, in single precision as Keras takes them.

    Args:
        task: whose data.
        folder: of prepared data.

    Raises:
        DataUnavailable: they can't be had.
    """
    import tensorflow as tf

    return tf.nest.map_structure(_single, task.data(folder))


def rows(x: Any) -> int:
    """Number of examples of an input, an array or a nest of arrays.

    Example:
        >>> rows({"left": np.zeros((3, 2)), "right": np.zeros((3, 5))})
        3
    """
    import tensorflow as tf

    return len(tf.nest.flatten(x)[0])


def cut(columns: Any, start: int, stop: int) -> Any:
    """Some rows of arrays, or of nests of them."""
    import tensorflow as tf

    return tf.nest.map_structure(lambda column: column[start:stop], columns)


def _single(column: Any) -> Any:
    if isinstance(column, np.ndarray) and column.dtype in (np.float64, np.float16):
        return column.astype(np.float32)
    return column
