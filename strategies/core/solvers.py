"""Exact solvers of the inner problems, in the graph.

Up to `ENUMERATED` losses every support is tried at once; beyond, `path` finds the support pivot by
pivot. Either way the answer is one elimination on the right support, as accurate as a linear solve.
A path that does not end within its bound (none is known) gives NaN, not a wrong answer.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from .path import follow, on_support

ENUMERATED = 8


def nonnegative(matrix: tf.Tensor, linear: tf.Tensor, tolerance: float) -> tf.Tensor:
    """Minimise x'Ax / 2 + q'x over x >= 0, for R vectors q at once.

    The solution is the x >= 0 with z = Ax + q >= 0 and x'z = 0.

    Args:
        matrix: (K, K) float64, A, symmetric positive semidefinite, diagonal of about 1.
        linear: (K, R) float64, q, in the range of A (otherwise there may be no minimum).
        tolerance: pivots up to this are rounding of the input's precision.

    Returns:
        (K, R).

    Example:
        >>> import tensorflow as tf
        >>> q = tf.constant([[-1.0], [2.0]], "float64")
        >>> nonnegative(tf.eye(2, dtype="float64"), q, 1e-14).numpy().tolist()
        [[1.0], [0.0]]
    """
    size = matrix.shape[0]
    if size > ENUMERATED:
        # Any h > 0 will do; unequal entries keep break points apart.
        slope = tf.ones_like(linear) * tf.linspace(tf.constant(0.5, linear.dtype), 1, size)[:, None]
        support, found = follow(matrix, tf.transpose(linear), tf.transpose(slope), tolerance)
        x = on_support(tf.transpose(support), matrix, -linear[:, None], tolerance)
        return tf.where(found, tf.maximum(x[:, 0], 0), float("nan"))
    supports = _supports(size)
    x = on_support(supports, matrix, -linear[..., None], tolerance)
    z = tf.tensordot(matrix, x, 1) + linear[..., None]
    return tf.maximum(_pick(_violation(supports[:, None], x, z), x), 0)


def worst_case(
    matrix: tf.Tensor, linear: tf.Tensor, slope: tf.Tensor, radius: tf.Tensor, tolerance: float
) -> tf.Tensor:
    """Multipliers of: maximise mu over |u - p| <= radius with <q_i, u> >= mu h_i for unit q_i.

    u = p + sum_i x_i q_i, where x >= 0, z = Cx + linear - mu h >= 0, x'z = 0, x'Cx = radius**2.
    Where mu would be 0 for a whole set of u (no direction helps all), the u nearest to p is taken.

    Args:
        matrix: (K, K) float64, C, cosines of the q_i.
        linear: (K,) float64, <q_i, p>.
        slope: (K,) float64, h >= 0 with a maximum of about 1; 0 stands for a zero row.
        radius: scalar.
        tolerance: pivots up to this are rounding of the input's precision.

    Returns:
        (K,).
    """
    right = tf.stack([slope, linear], axis=1)[..., None]
    size = matrix.shape[0]
    if size > ENUMERATED:
        support, found = follow(matrix, linear[None], slope[None], tolerance, radius)
        supports = tf.transpose(support)
    else:
        supports, found = _supports(size), tf.constant([True])
    both = on_support(supports, matrix, right, tolerance)
    # On a support x = mu y - w, so x'Cx = radius**2 is a quadratic equation in mu.
    y, w = both[:, 0], both[:, 1]
    if size > ENUMERATED:
        nearest = nonnegative(matrix, linear[:, None], tolerance)[:, 0]
    else:
        missed = _violation(supports, -w, linear[:, None] - tf.matmul(matrix, w))
        nearest = tf.maximum(_pick(missed, -w), 0)
    slope, linear = slope[:, None], linear[:, None]
    a = tf.reduce_sum(y * slope, axis=0)
    b = tf.reduce_sum(y * linear, axis=0)
    rest = radius**2 - tf.reduce_sum(w * linear, axis=0)
    discriminant = b * b + a * rest
    sound = (a > 0) & (discriminant >= 0)
    mu = (b + tf.sqrt(tf.where(sound, discriminant, 0))) / tf.where(sound, a, 1)
    x = mu * y - w
    z = tf.matmul(matrix, x) + linear - mu * slope
    violation = tf.where(sound, _violation(supports, x, z), float("inf"))
    best = tf.maximum(_pick(violation, x), 0)
    # A zero row caps mu at 0; so do gradients with 0 in their hull, where no support fits.
    capped = tf.reduce_any(slope <= 0) & (_pick(violation, mu[None])[0] > 0)
    capped |= tf.reduce_min(violation) > 1e-7
    length = tf.reduce_sum(nearest * tf.linalg.matvec(matrix, nearest))
    x = tf.where(capped & (length <= radius**2), nearest, best)
    return tf.where(found, x, float("nan"))


def _supports(size: int) -> tf.Tensor:
    """(K, 2**K): every subset of the unknowns, as 0 and 1."""
    return tf.constant(np.arange(2**size) >> np.arange(size)[:, None] & 1, tf.float64)


def _violation(supports: tf.Tensor, x: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    """(..., N): by how much x >= 0, z >= 0 and z = 0 on the support are missed, over axis 0."""
    return tf.reduce_max(tf.where(supports > 0.5, tf.maximum(-x, tf.abs(z)), -z), axis=0)


def _pick(violation: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """Of N candidates x (K, ..., N) the one with the least violation (..., N)."""
    chosen = tf.one_hot(tf.argmin(violation, axis=-1), violation.shape[-1], dtype=x.dtype)
    return tf.reduce_sum(chosen * x, axis=-1)
