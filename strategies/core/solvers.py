"""Exact solvers of the inner problems, in the graph.

Up to `ENUMERATED` losses every support is tried at once; beyond, `path` finds the support pivot by
pivot. Either way the answer is one elimination on the right support, as accurate as a linear solve.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from .path import follow, on_support

ENUMERATED = 6  # losses up to which all 2**K supports are tried


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
        >>> q = tf.constant([[-1.0], [2.0]], "float64")
        >>> nonnegative(tf.eye(2, dtype="float64"), q, 1e-14).numpy().tolist()
        [[1.0], [0.0]]
    """
    size = matrix.shape[0]
    if size > ENUMERATED:
        # Any h > 0 will do; unequal entries keep break points apart.
        slope = tf.ones_like(linear) * tf.linspace(tf.constant(0.5, linear.dtype), 1, size)[:, None]
        support = follow(matrix, tf.transpose(linear), tf.transpose(slope), tolerance)
        x = on_support(support, matrix, -tf.transpose(linear)[..., None], tolerance)
        return tf.transpose(tf.maximum(x[..., 0], 0))
    supports = _supports(size)
    x = on_support(supports, matrix, -linear, tolerance)
    violation = _violation(supports, x, matrix @ x + linear)
    return tf.maximum(_pick(violation, x), 0)


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
    nearest = nonnegative(matrix, linear[:, None], tolerance)[:, 0]
    right = tf.stack([slope, linear], axis=-1)
    size = matrix.shape[0]
    if size > ENUMERATED:
        supports = follow(matrix, linear[None], slope[None], tolerance, radius)
    else:
        supports = _supports(size)
    both = on_support(supports, matrix, right, tolerance)
    # On a support x = mu y - w, so x'Cx = radius**2 is a quadratic equation in mu.
    y, w = both[..., 0], both[..., 1]
    a = tf.linalg.matvec(y, slope)
    b = tf.linalg.matvec(y, linear)
    rest = radius**2 - tf.linalg.matvec(w, linear)
    discriminant = b * b + a * rest
    sound = (a > 0) & (discriminant >= 0)
    mu = (b + tf.sqrt(tf.where(sound, discriminant, 0))) / tf.where(sound, a, 1)
    x = mu[:, None] * y - w
    z = tf.linalg.matvec(matrix, x) + linear - mu[:, None] * slope
    violation = _violation(supports, x[..., None], z[..., None])[:, 0]
    violation = tf.where(sound, violation, float("inf"))
    best = tf.maximum(_pick(violation[:, None], x[..., None])[:, 0], 0)
    mu_best = _pick(violation[:, None], mu[:, None, None])[0, 0]
    # A zero row caps mu at 0; so do gradients with 0 in their hull, where no support fits.
    capped = tf.reduce_any(slope <= 0) & (mu_best > 0)
    capped |= tf.reduce_min(violation) > 1e-7
    length = tf.reduce_sum(nearest * tf.linalg.matvec(matrix, nearest))
    return tf.where(capped & (length <= radius**2), nearest, best)


def _supports(size: int) -> tf.Tensor:
    """(2**K, K): every subset of the unknowns, as 0 and 1."""
    return tf.constant(np.arange(2**size)[:, None] >> np.arange(size) & 1, tf.float64)


def _violation(supports: tf.Tensor, x: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    """(N, R): by how much x >= 0, z >= 0 and z = 0 on the support are missed."""
    inside = supports[..., None] > 0.5
    return tf.reduce_max(tf.where(inside, tf.maximum(-x, tf.abs(z)), -z), axis=1)


def _pick(violation: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """(K, R): of N candidates x (N, K, R) the one with the least violation (N, R)."""
    chosen = tf.one_hot(tf.argmin(violation, axis=0), violation.shape[0], axis=0, dtype=x.dtype)
    return tf.reduce_sum(chosen[:, None, :] * x, axis=0)
