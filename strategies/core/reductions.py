"""Sums over all elements in the form that is fast, and the means and products made of them."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Generator

import tensorflow as tf

COLUMNS = 128  # of what halves are made of: some vectors of the processor

_BY_HALVES = contextvars.ContextVar("by_halves", default=False)


@contextlib.contextmanager
def by_halves(wanted: bool) -> Generator[None]:
    """Sums that are traced inside take the form that is fast with XLA on a CPU, where wanted."""
    token = _BY_HALVES.set(wanted)
    try:
        yield
    finally:
        _BY_HALVES.reset(token)


def masked_mean(elements: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Mean of `elements` where `mask` is 1; 0 where it is 0 everywhere."""
    mask = tf.broadcast_to(tf.cast(mask, elements.dtype), tf.shape(elements))
    return tf.math.divide_no_nan(total(elements * mask), tf.reduce_sum(mask))


def total(values: tf.Tensor) -> tf.Tensor:
    """Sum of all elements.

    XLA on a CPU adds the elements of a plain sum one after the other; halves laid upon each other
    it vectorises. With plain sums, the losses and the norm of the gradient took a sixth of the
    step of `sum`. Without XLA it is the other way round: one operation is faster than many.

    Args:
        values: of any shape.

    Example:
        >>> import tensorflow as tf
        >>> float(total(tf.constant([[1.0, 2.0], [3.0, 4.0]])))
        10.0
    """
    static = values.shape.is_fully_defined() and values.shape.num_elements()
    if not (_BY_HALVES.get() and static and values.shape.rank):
        return tf.reduce_sum(values)

    return tf.custom_gradient(_halved)(values)


def total_of_rows(matrix: tf.Tensor) -> tf.Tensor:
    """Sums (K,) of the rows of (K, P), as by `total`: for few long rows, such as gradients.

    Example:
        >>> import tensorflow as tf
        >>> total_of_rows(tf.constant([[1.0, 2.0], [3.0, 4.0]])).numpy().tolist()
        [3.0, 7.0]
    """
    if not _BY_HALVES.get():
        return tf.reduce_sum(matrix, axis=1)
    return tf.stack([total(row) for row in tf.unstack(matrix)])


def _halved(values: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    """The sum, and its derivative: else the backward pass would put the halves together again."""
    wide = values.shape.rank > 1 and values.shape[-1] >= COLUMNS // 2
    rows = tf.reshape(values, [-1, values.shape[-1]]) if wide else _folded(values)
    odd = []
    while rows.shape[0] > 1:
        half, rest = divmod(rows.shape[0], 2)
        if rest:
            odd.append(rows[-1])
        rows = rows[:half] + rows[half : 2 * half]
    columns = tf.add_n([rows[0], *odd])
    result = tf.tensordot(columns, tf.ones_like(columns), 1)
    return result, lambda upstream: tf.fill(values.shape, upstream)


def _folded(values: tf.Tensor) -> tf.Tensor:
    """All elements as a matrix of at most COLUMNS columns, filled up with zeros."""
    vector = tf.reshape(values, [-1])
    if vector.shape[0] <= COLUMNS:
        return vector[None]
    return tf.reshape(tf.pad(vector, [[0, -vector.shape[0] % COLUMNS]]), [-1, COLUMNS])
