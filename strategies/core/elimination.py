"""Small symmetric positive semidefinite systems, singular ones included.

Gauss-Jordan elimination on unit-diagonal matrices. A pivot that is rounding error is dropped and
its unknown set to 0, so that a consistent singular system (colinear gradients, more losses than
parameters) has an exact solution; Cholesky would give NaN there, `tf.linalg.solve` an error in
graph mode and garbage under XLA. The steps are plain element-wise operations: XLA fuses them, and
`tf.vectorized_map` batches them.
"""

from __future__ import annotations

import tensorflow as tf

# Up to these sizes the steps are unrolled; beyond, they are a loop in the graph. XLA fuses unrolled
# steps and computes some numbers again and again, which costs more than a loop for many systems.
UNROLLED = 8
UNROLLED_MANY = 6


def solve(matrix: tf.Tensor, right: tf.Tensor, tolerance: float) -> tf.Tensor:
    """x with matrix @ x = right; unknowns on dropped pivots are 0.

    Many systems are solved at once along trailing axes: neighbours in memory, so that the steps
    are vectorised over them.

    Args:
        matrix: (K, K, ...), symmetric positive semidefinite, diagonal of about 1.
        right: (K, R, ...).
        tolerance: pivots up to this are dropped.

    Returns:
        (K, R, ...).
    """
    size = matrix.shape[0]
    table = tf.concat([matrix, right], axis=1)
    kept = tf.ones_like(matrix[:, 0])
    if size <= (UNROLLED if matrix.shape.rank == 2 else UNROLLED_MANY):
        for index in range(size):
            table, kept = _step(table, kept, index, tolerance)
    else:
        _, table, kept = tf.while_loop(
            lambda index, table, kept: index < size,
            lambda index, table, kept: (index + 1, *_step(table, kept, index, tolerance)),
            (tf.constant(0), table, kept),
            maximum_iterations=size,
        )
    return kept[:, None] * table[:, size:]


def _step(
    table: tf.Tensor, kept: tf.Tensor, index: int | tf.Tensor, tolerance: float
) -> tuple[tf.Tensor, tf.Tensor]:
    if isinstance(index, int):
        column, row, pivot = table[:, index], table[index], table[index, index]
    else:
        column, row = tf.gather(table, index, axis=1), tf.gather(table, index, axis=0)
        pivot = tf.gather(row, index, axis=0)
    here = tf.one_hot(index, kept.shape[0], dtype=table.dtype)
    here = tf.reshape(here, [-1] + [1] * (len(kept.shape) - 1))
    keep = pivot > tolerance
    inverse = tf.where(keep, 1 / tf.where(keep, pivot, 1), 0)
    table -= (column - here)[:, None] * (row * inverse)[None, :]
    return table, kept - here * tf.cast(~keep, table.dtype)
