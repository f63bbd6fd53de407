"""Bargaining: the positive y with C y = h / y**p, by Newton's method."""

from __future__ import annotations

import tensorflow as tf

from .elimination import UNROLLED, solve

TO_THE_BOUNDARY = 0.9  # a Newton step covers at most this part of the way to y_i = 0


def balance(
    cosines: tf.Tensor, shares: tf.Tensor, power: float | tf.Tensor, tolerance: float, steps: int
) -> tf.Tensor:
    """y > 0 with C y = h / y**p, or zeros where there is none.

    y is the minimum of the strictly convex y'Cy / 2 - sum_i h_i y_i**(1-p) / (1-p) (a logarithm
    for p = 1). It exists unless a convex combination of the unit gradients is 0, and is unique.
    Between Newton steps y is scaled to the minimum along its ray, which has a closed form, so that
    strong conflict (large y) costs no extra steps. The number of steps is fixed: a loop that
    stopped by itself could not be batched over seeds.

    Args:
        cosines: (K, K) float64, C.
        shares: (K,) float64, h > 0.
        power: p > 0.
        tolerance: (C y)_i up to this part of sum(y) is rounding: then there is no answer.
        steps: Newton steps.
    """

    def ray(y):
        own = tf.reduce_sum(shares * _power(y, 1 - power))
        pull = tf.reduce_sum(y * tf.linalg.matvec(cosines, y))
        return y * _power(own / pull, 1 / (1 + power))

    def step(count, y):
        slope = shares / _power(y, power)
        hessian = cosines + tf.linalg.diag(power * slope / y)
        newton = _solve(hessian, slope - tf.linalg.matvec(cosines, y))
        longest = TO_THE_BOUNDARY / tf.maximum(tf.reduce_max(-newton / y), 1e-300)
        return count + 1, ray(y + tf.minimum(longest, 1) * newton)

    start = ray(_power(shares, 1 / (1 + power)))
    y = tf.while_loop(
        lambda count, y: count < steps, step, (tf.constant(0), start), maximum_iterations=steps
    )[1]
    gains = tf.linalg.matvec(cosines, y)
    missed = tf.abs(_power(y, power) * gains / shares - 1)
    solved = tf.reduce_all((missed < 1e-5) & (gains > tolerance * tf.reduce_sum(y)))
    return tf.where(solved, y, tf.zeros_like(y))


def _power(values: tf.Tensor, exponent: float | tf.Tensor) -> tf.Tensor:
    """values ** exponent, without the slow general power where the exponent is known and simple."""
    simple = {0.0: tf.ones_like, 0.5: tf.sqrt, 1.0: tf.identity, 2.0: tf.square}
    if isinstance(exponent, float) and exponent in simple:
        return simple[exponent](values)
    return values**exponent


def _solve(matrix: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
    if matrix.shape[0] <= UNROLLED:
        return solve(matrix, right[:, None], 0.0)[:, 0]
    return tf.linalg.cholesky_solve(tf.linalg.cholesky(matrix), right[:, None])[:, 0]
