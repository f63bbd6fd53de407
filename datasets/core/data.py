"""The data of a task as every part of the harness takes them."""

from __future__ import annotations

import hashlib
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


def digest(splits: Splits) -> str:
    """Hash of all arrays: their names, types, shapes and bytes.

    Example:
        >>> one, other = ({"train": {"x": np.full(3, value)}} for value in (0.0, 1.0))
        >>> digest(one) == digest(one), digest(one) == digest(other)
        (True, False)
    """
    import tensorflow as tf

    found = hashlib.sha256()
    for split in sorted(splits):
        for key in sorted(splits[split]):
            column = splits[split][key]
            structure = tf.nest.map_structure(lambda leaf: 0, column)
            found.update(f"{split}/{key} {structure}".encode())
            for leaf in map(np.asarray, tf.nest.flatten(column)):
                found.update(f"{leaf.dtype} {leaf.shape}".encode())
                if leaf.dtype.hasobject:
                    found.update(repr(leaf.tolist()).encode())
                else:
                    found.update(leaf.tobytes())
    return found.hexdigest()[:16]


def _single(column: Any) -> Any:
    if isinstance(column, np.ndarray) and column.dtype in (np.float64, np.float16):
        return column.astype(np.float32)
    return column
