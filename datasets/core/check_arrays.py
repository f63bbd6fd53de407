"""Whether the arrays of a task are arrays that can be trained on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .data import rows
from .task import SPLITS

if TYPE_CHECKING:
    from .task import Splits

KINDS = "fiubUS"  # of numbers and texts; an array of objects is none of them


def check_arrays(name: str, splits: Splits) -> None:
    """Refuse splits that are not those of a task, or not of one kind.

    Raises:
        ValueError: one line that names the task, the split and the column.
    """
    if set(splits) != set(SPLITS):
        raise ValueError(
            f"{name}: data must have the splits {', '.join(SPLITS)}, got {_list(splits)}"
        )
    keys = set(splits["train"])
    shapes: dict[str, tuple[int, ...]] = {}
    for split, columns in splits.items():
        where = f"{name}, {split}"
        if "x" not in columns:
            raise ValueError(f'{where}: data must have the input "x", got {_list(columns)}')
        if set(columns) != keys:
            raise ValueError(f"{where}: has {_list(columns)} where train has {_list(keys)}")
        if not rows(columns["x"]):
            raise ValueError(f"{where}: the split is empty")
        for key, column in _arrays(columns):
            _check_column(where, key, column, rows(columns["x"]))
            shape = column.shape[1:]
            if shapes.setdefault(key, shape) != shape:
                raise ValueError(
                    f"{where}: rows of {key} have shape {shape}, those of train {shapes[key]}"
                )


def _check_column(where: str, key: str, column: np.ndarray, length: int) -> None:
    if column.dtype.kind not in KINDS:
        raise ValueError(
            f"{where}: {key} is an array of {column.dtype}; give numbers, all rows of one shape"
        )
    if len(column) != length:
        raise ValueError(f"{where}: {key} has {len(column)} rows, x has {length}")
    wrong = ~np.isfinite(column) if column.dtype.kind == "f" else np.zeros(1, bool)
    if wrong.any():
        row = int(np.argwhere(wrong)[0][0])
        raise ValueError(
            f"{where}: {key} has {int(wrong.sum())} values that are not finite, the first in row "
            f"{row}; where a label is missing, put any number and 0 in a mask (Head.observed)"
        )


def _arrays(columns: Any) -> Iterable[tuple[str, np.ndarray]]:
    """All arrays with their names; those of several inputs as "x/<name>"."""
    import tensorflow as tf

    for key, column in columns.items():
        if key != "x" or isinstance(column, np.ndarray):
            yield key, np.asarray(column)
            continue
        for at, leaf in enumerate(tf.nest.flatten(column)):
            name = sorted(column)[at] if isinstance(column, dict) else at
            yield f"x/{name}", np.asarray(leaf)


def _list(keys: Iterable[Any]) -> str:
    return ", ".join(map(str, keys)) or "nothing"
