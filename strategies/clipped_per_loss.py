"""Clip the gradient of each loss on its own, then add."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy, Range, positive
from .core.fixed import scalar


class ClippedPerLoss(GramStrategy):
    """Clip each loss's gradient to a norm, then sum: sum_i g_i min(1, c / |g_i|).

    What document 004 wants from clipping ("avoids single-loss gradients from dominating") and
    does not get from clipping the sum, which scales all losses by one factor.

    Edge cases: a zero row stays zero; the result is bounded by K * c. Not homogeneous: below the
    bound the sum, far above it the sum of unit gradients.

    Reference: document 004, corrected.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("clipped_per_loss", [[3.0, 4.0], [0.0, 0.5]]).weights.numpy().round(3)
        array([0.2, 1. ], dtype=float32)
    """

    reference = "document 004, corrected"
    promises = ("permutation_equivariant",)
    degree = None
    search_space = {"max_norm": Range(0.01, 10.0, log=True)}

    max_norm: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        positive(self, "max_norm")

    def weights(self, gram, losses, state):
        norms = tf.sqrt(tf.linalg.diag_part(gram))
        limit = scalar(self.max_norm, norms.dtype)
        over = norms > limit
        return tf.where(over, limit / tf.where(over, norms, 1), tf.ones_like(norms)), state
