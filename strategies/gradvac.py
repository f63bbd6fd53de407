"""Gradient vaccine: pull every pair of gradients to its usual angle."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy, Noise, Range, at_least
from .core.fixed import scalar
from .core.gram import finish, unit


class GradVac(GramStrategy):
    """Projection to a target cosine: sum_i g_i', where g_i' meets the usual angles phi_ij.

    For each i, for each j != i in random order, with phi the cosine of g_i' and g_j: if
    phi < phi_ij then g_i' <- g_i' + |g_i'| (phi_ij sqrt(1 - phi^2) - phi sqrt(1 - phi_ij^2)) /
    (|g_j| sqrt(1 - phi_ij^2)) g_j; then phi_ij <- (1 - beta) phi_ij + beta phi, with phi from
    before the correction. Inner products alone are needed, so it runs on the Gram matrix.

    State: the moving averages phi_ij (K, K), 0 at first, so that the first step is PCGrad's. They
    are not symmetric, because phi depends on the order.
    Edge cases: a zero row is skipped and its averages stay; K = 1 returns the gradient. An average
    of 1 (colinear gradients) cannot be reached by adding g_j, and no correction is made.

    Noise: uniform (K, K); row i visits the j in the order of its sorted entries.
    Differences: TorchJD and LibMTL take beta = 0.5, the paper 0.01; they add 1e-8
    to denominators, which breaks small gradients.

    Reference: Wang et al. 2021, arXiv 2010.05874.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("gradvac", [[1.0, 0.0], [-1.0, 1.0]]).direction.numpy().round(3).tolist()
        [0.5, 1.5]
    """

    reference = "Wang et al. 2021, arXiv 2010.05874"
    promises = ("permutation_equivariant",)
    search_space = {"beta": Range(0.001, 0.5, log=True)}

    beta: float = 0.01

    def __post_init__(self):
        super().__post_init__()
        at_least(self, "beta", 0, 1)

    def init(self, num_losses):
        return tf.zeros((num_losses, num_losses))

    def noise(self, num_losses, num_parameters):
        return Noise("uniform", (num_losses, num_losses))

    def weights(self, gram, losses, state, noise):
        size = gram.shape[0]
        rows = unit(gram)
        usual = tf.cast(state, tf.float64)
        beta = scalar(self.beta, tf.float64)
        order = tf.argsort(noise, axis=1, stable=True)
        # Row i holds the coefficients of g_i' in the unit gradients.
        vectors = tf.linalg.diag(rows.norms)
        for visit in range(size):
            other = order[:, visit]
            here = tf.one_hot(other, size, dtype=tf.float64)
            towards = tf.matmul(here, rows.cosines)
            images = tf.matmul(vectors, rows.cosines)
            lengths = tf.sqrt(tf.maximum(tf.reduce_sum(vectors * images, axis=1), 0))
            inner = tf.reduce_sum(vectors * towards, axis=1)
            cosine = tf.clip_by_value(tf.math.divide_no_nan(inner, lengths), -1, 1)
            target = tf.reduce_sum(usual * here, axis=1)
            live = tf.matmul(here, tf.cast(rows.zero, tf.float64)[:, None])[:, 0] < 0.5
            live &= (other != tf.range(size)) & (lengths > 0)
            height = tf.sqrt(tf.maximum(1 - target * target, 0))
            gap = target * tf.sqrt(1 - cosine * cosine) - cosine * height
            correct = live & (cosine < target) & (height > 1e-8)
            added = tf.where(correct, lengths * gap / tf.where(correct, height, 1), 0)
            vectors += added[:, None] * here
            moved = tf.where(live, beta * (cosine - target), 0)
            usual += moved[:, None] * here
        weights = rows.per_norm(tf.reduce_sum(vectors, axis=0))
        return finish(weights, gram), tf.cast(usual, state.dtype)
