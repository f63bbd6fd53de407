"""Whether targets, labels and masks fit the outputs that they are held against.

A target (N,) beside an output (N, 1) would be broadcast to (N, N), and train on nonsense without a
word. The same sentences serve losses, on tensors, and metrics, on arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def alike(target: str, values: Any, output: str, outputs: Any) -> None:
    """Refuse a target that has not the shape of the output.

    Args:
        target: its name.
        values: an array or a tensor.
        output: the name of the output.
        outputs: an array or a tensor.

    Raises:
        ValueError: their shapes differ.

    Example:
        >>> alike("a", np.zeros((8,)), "a", np.zeros((8, 1)))
        Traceback (most recent call last):
        ...
        ValueError: target a has shape (8,), the output a (8, 1): give both one shape, as y[:, None]
    """
    if not _equal(values.shape, outputs.shape):
        remedy = ", as y[:, None]" if len(values.shape) + 1 == len(outputs.shape) else ""
        raise ValueError(
            f"target {target} has shape {_written(values.shape)}, the output {output} "
            f"{_written(outputs.shape)}: give both one shape{remedy}"
        )


def classes(label: str, values: Any, output: str, logits: Any) -> Any:
    """Labels (N,) for logits (N, C), from (N,) or (N, 1).

    Raises:
        ValueError: they have another shape, or the output is no (N, C).

    Example:
        >>> classes("digit", np.zeros((8, 1), int), "digit", np.zeros((8, 10))).shape
        (8,)
    """
    if len(logits.shape) != 2:
        raise ValueError(
            f"logits {output} have the shape (N, C), one for each class; got "
            f"{_written(logits.shape)}"
        )
    rows = logits.shape[0]
    if len(values.shape) == 2 and values.shape[1] == 1 and _equal(values.shape[:1], (rows,)):
        return values[:, 0]
    if not _equal(values.shape, (rows,)):
        raise ValueError(
            f"label {label} has shape {_written(values.shape)}, the output {output} "
            f"{_written(logits.shape)}: give one class per row, ({'N' if rows is None else rows},)"
        )
    return values


def weights(observed: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """Weights (N, O) of elements from a mask (N, O) or (N, 1); None where all count alike.

    Raises:
        ValueError: the mask has another shape.
    """
    if observed is None:
        return None
    mask = np.asarray(observed, np.float64)
    if mask.ndim != 2 or mask.shape[0] != shape[0] or mask.shape[1] not in (1, shape[1]):
        raise ValueError(
            f"the mask has shape {mask.shape}, the output {tuple(shape)}: give it that shape, or "
            f"({shape[0]}, 1)"
        )
    return None if (mask == 1).all() else np.broadcast_to(mask, shape)


def _equal(one: Any, other: Any) -> bool:
    """Whether two shapes agree as far as they are known."""
    return len(one) == len(other) and all(
        a == b or a is None or b is None for a, b in zip(one, other, strict=True)
    )


def _written(shape: Any) -> str:
    return str(tuple(shape))
