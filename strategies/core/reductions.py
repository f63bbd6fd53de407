"""Sums and means over all elements, in the form that is fast on a CPU with XLA and without."""

from __future__ import annotations

import tensorflow as tf


def masked_mean(elements: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Mean of `elements` where `mask` is 1; 0 where it is 0 everywhere."""
    mask = tf.broadcast_to(tf.cast(mask, elements.dtype), tf.shape(elements))
    return tf.math.divide_no_nan(total(elements * mask), tf.reduce_sum(mask))


def total(values: tf.Tensor) -> tf.Tensor:
    """Sum of all elements: columns first, as products with ones.

    XLA on a CPU adds the elements of a plain sum one after the other, where it vectorises a
    product; in the step of `sum`, the losses and the gradient's norm summed plainly take a sixth
    of the time. The derivative is told, so that the backward pass has no products for it.

    Args:
        values: of any shape.

    Example:
        >>> float(total(tf.constant([[1.0, 2.0], [3.0, 4.0]])))
        10.0
    """
    return tf.custom_gradient(_total)(values)


def _total(values):
    def spread(upstream):
        return tf.fill(tf.shape(values), upstream)

    columns = values
    if values.shape.rank == 0:
        return tf.identity(values), spread
    if values.shape.rank > 1:
        rows = tf.reshape(values, [-1, values.shape[-1]])
        columns = tf.linalg.matvec(rows, tf.ones_like(rows[:, 0]), transpose_a=True)
    return tf.tensordot(columns, tf.ones_like(columns), 1), spread
