"""The support of a complementarity problem, found by following its solution along a line.

For growing mu, keep x >= 0, z = Ax + q - mu h >= 0, x'z = 0 (Cottle's parametric principal
pivoting; in portfolio selection the critical line method). The solution is linear in mu between
break points, and each break point is one pivot of the table. No number of losses is too large, no
step length is guessed, and a wrong turn can't be taken.
"""

from __future__ import annotations

import tensorflow as tf

from .elimination import solve

STOP = 1e-12  # break points this close to the end are rounding
PIVOTS_PER_LOSS = 4  # a bound on the loop; over thousands of random problems 2 were enough


def follow(
    matrix: tf.Tensor,
    linear: tf.Tensor,
    slope: tf.Tensor,
    tolerance: float,
    radius: tf.Tensor | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Follow R paths from x = 0 to mu = 0, or to x'Ax = radius**2.

    Args:
        matrix: (K, K), A, symmetric positive semidefinite, diagonal of about 1.
        linear: (R, K), q.
        slope: (R, K), h >= 0, with a row maximum of about 1.
        tolerance: pivots up to this are rounding of the input's precision.
        radius: where to stop; None stops at mu = 0.

    Returns:
        The support (R, K) as 0 and 1, and whether the end of the path was reached (R,).
    """
    size = matrix.shape[0]
    square = tf.broadcast_to(matrix, (linear.shape[0], size, size))
    table = tf.concat([square, linear[..., None], slope[..., None]], axis=-1)
    # All paths start left of their first break point.
    start = tf.reduce_min(tf.math.divide_no_nan(linear, slope), axis=-1) - 1

    def step(count, table, inside, mu, running, entering):
        at, slopes = table[..., size], table[..., size + 1]
        dependent = (inside < 0.5) & (tf.linalg.diag_part(table[..., :size]) <= tolerance)
        falls = slopes > tf.where(dependent, tf.constant(1e-9, at.dtype), 1e-14)
        points = tf.where(falls, at / tf.where(falls, slopes, 1), float("inf"))
        # What a swap has announced comes first; all others wait at this mu.
        points = tf.where(entering > 0.5, mu[:, None] - 1, tf.maximum(points, mu[:, None]))
        here = tf.one_hot(tf.argmin(points, axis=-1), size, dtype=at.dtype)
        point = tf.maximum(tf.reduce_min(points, axis=-1), mu)
        reached = tf.where(point < 1e300, point, 0)[:, None]
        values = tf.where(inside > 0.5, at - reached * slopes, 0)
        if radius is None:
            running &= point < -STOP
        else:
            length = tf.reduce_sum(values * tf.linalg.matvec(matrix, values), axis=-1)
            running &= (point < 1e300) & (length < radius**2)
        # A dependent row enters in exchange for the first one that it drives to 0.
        swap = tf.reduce_any((here > 0.5) & dependent, axis=-1)
        drift = tf.reduce_sum(table[..., :size] * here[:, None, :], axis=-1)
        shrinks = (inside > 0.5) & (drift < -1e-9)
        ratios = tf.where(shrinks, values / tf.where(shrinks, -drift, 1), float("inf"))
        leaving = tf.one_hot(tf.argmin(ratios, axis=-1), size, dtype=at.dtype)
        running &= ~swap | tf.reduce_any(shrinks, axis=-1)
        entering = tf.where(swap[:, None], here, tf.zeros_like(here))
        here = tf.where(swap[:, None], leaving, here)
        table = tf.where(running[:, None, None], _pivot(table, here), table)
        inside = tf.where(running[:, None], tf.abs(inside - here), inside)
        return count + 1, table, inside, tf.where(running, point, mu), running, entering

    none = tf.zeros_like(linear)
    _, _, inside, _, running, _ = tf.while_loop(
        lambda count, *_: count < PIVOTS_PER_LOSS * size + 1,
        step,
        (tf.constant(0), table, none, start, tf.ones_like(start, tf.bool), none),
        maximum_iterations=PIVOTS_PER_LOSS * size + 1,
    )
    return inside, ~running


def _pivot(table: tf.Tensor, here: tf.Tensor) -> tf.Tensor:
    """Exchange the variable marked in `here` (R, K) with its complement (principal pivot)."""
    padded = tf.pad(here, [[0, 0], [0, 2]])
    row = tf.reduce_sum(table * here[..., None], axis=-2)
    column = tf.reduce_sum(table * padded[..., None, :], axis=-1)
    pivot = tf.reduce_sum(column * here, axis=-1, keepdims=True)
    inverse = 1 / tf.where(pivot > 0, pivot, 1)
    # Row of the pivot: -row / pivot, and 1 / pivot on the diagonal. Column: column / pivot.
    rest = (1 - here)[..., :, None] * (table - column[..., :, None] * (row * inverse)[..., None, :])
    rest = (1 - padded)[..., None, :] * rest
    return (
        rest
        + (column * inverse * (1 - here))[..., :, None] * padded[..., None, :]
        - here[..., :, None] * (row * inverse * (1 - padded))[..., None, :]
        + here[..., :, None] * padded[..., None, :] * inverse[..., None]
    )


def on_support(
    support: tf.Tensor, matrix: tf.Tensor, right: tf.Tensor, tolerance: float
) -> tf.Tensor:
    """x with A_SS x_S = b_S and 0 outside S.

    Args:
        support: (K, N), as 0 and 1.
        matrix: (K, K), A.
        right: (K, R, N) or (K, R, 1), b.

    Returns:
        (K, R, N).
    """
    both = support[:, None] * support[None, :]
    identity = tf.eye(matrix.shape[0], dtype=matrix.dtype)[..., None]
    masked = both * matrix[..., None] + (1 - both) * identity
    return solve(masked, support[:, None] * right, tolerance)
