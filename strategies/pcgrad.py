"""PCGrad: project conflicting gradients onto each other's normal planes."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy, Noise
from .core.gram import finish, unit


class PCGrad(GramStrategy):
    """Gradient surgery: sum_i g_i', where g_i' loses what conflicts with the others.

    For each i, for each j != i in random order: if <g_i', g_j> < 0 then
    g_i' <- g_i' - <g_i', g_j> / <g_j, g_j> g_j. Each i has an order of its own, fresh each step.
    The whole computation needs inner products alone, so it runs on the Gram matrix.

    Edge cases: a zero row is skipped (weight 1); K = 1 returns the gradient. Promised
    non-conflicting for K = 2 only.

    Differences: LibMTL and the authors' code visit j = i too (no effect but for rounding), and add
    1e-8 or 1e-5 to the denominator, which breaks small gradients; the authors' TensorFlow code
    never shuffles. Here the denominator is exact.

    Noise: uniform (K, K); row i visits the j in the order of its sorted entries.

    Reference: Yu et al. 2020, "Gradient Surgery for Multi-Task Learning" (arXiv 2001.06782).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("pcgrad", [[1.0, 0.0], [-1.0, 1.0]]).direction.numpy().tolist()
        [0.5, 1.5]
    """

    reference = "Yu et al. 2020, arXiv 2001.06782"
    promises = ("permutation_equivariant", "non_conflicting_for_two")

    def noise(self, num_losses, num_parameters):
        return Noise("uniform", (num_losses, num_losses))

    def weights(self, gram, losses, state, noise):
        size = gram.shape[0]
        rows = unit(gram)
        order = tf.argsort(noise, axis=1, stable=True)
        # Row i holds the coefficients of g_i' in the unit gradients.
        vectors = tf.linalg.diag(rows.norms)
        for visit in range(size):
            other = order[:, visit]
            here = tf.one_hot(other, size, dtype=tf.float64)
            inner = tf.reduce_sum(vectors * tf.matmul(here, rows.cosines), axis=1)
            # A zero row has cosine 0 with every other row: no conflict.
            conflict = (inner < 0) & (other != tf.range(size))
            vectors -= tf.where(conflict, inner, 0)[:, None] * here
        weights = tf.reduce_sum(vectors, axis=0) / rows.safe_norms
        return finish(tf.where(rows.zero, tf.ones_like(weights), weights), gram), state
