"""ConFIG: the direction that makes the same angle with all gradients."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy
from .core.gram import finish, unit
from .core.spectral import least_norm


class ConFIG(GramStrategy):
    """Conflict-free inverse gradients: u = (sum_i <g_i, v>) v with v = x / |x|, x = U^+ 1.

    U holds the unit gradients. For independent gradients <g_i, u> / |g_i| is the same positive
    number for all i, and u points as `imtl_g` does up to its sign; its length is the sum of the
    projections. On the cosines C: x = U' z with z = C^+ 1.

    Promised: equal cosines and no conflict, for independent gradients.
    Edge cases: a zero row gets weight 0. For dependent gradients (more losses than parameters,
    colinear or opposite rows) x is the least-squares solution, without a guarantee. Where x is 0
    (two opposite rows) the update is 0.

    Reference: Liu et al. 2024, arXiv 2408.11104.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("config", [[2.0, 0.0], [0.0, 1.0]]).direction.numpy().round(3).tolist()
        [1.5, 1.5]
    """

    reference = "Liu et al. 2024, arXiv 2408.11104"
    promises = ("permutation_equivariant", "equal_cosines", "row_scale_invariant")

    def weights(self, gram, losses, state):
        rows = unit(gram)
        present = tf.cast(~rows.zero, tf.float64)
        z, _ = least_norm(rows, present, present)
        cosines = tf.linalg.matvec(rows.cosines, z)
        square = tf.reduce_sum(z * cosines)
        projections = tf.reduce_sum(rows.norms * cosines)
        vanishes = square <= rows.tolerance * tf.reduce_sum(z * z)
        length = projections / tf.where(vanishes, tf.ones_like(square), square)
        length = tf.where(vanishes, tf.zeros_like(length), length)
        return finish(rows.per_norm(length * z), gram), state
