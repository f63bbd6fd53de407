"""The plain sum of the losses (unitary scalarisation)."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy


class Sum(LossStrategy):
    """Minimise the sum of the losses: sum_i l_i, weights 1.

    The baseline that every study finds hard to beat.

    Reference: Kurin et al. 2022, "In Defense of the Unitary Scalarization" (arXiv 2201.04122);
    documents 002, 003 and 004.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("sum", [[1.0, 0.0], [0.0, 2.0]]).direction.numpy().tolist()
        [1.0, 2.0]
    """

    reference = "Kurin et al. 2022, arXiv 2201.04122"
    promises = ("permutation_equivariant", "linear_under_scaling")

    def objective(self, losses, state):
        return tf.reduce_sum(losses), state
