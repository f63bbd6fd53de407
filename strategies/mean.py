"""The mean of the losses."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy


class Mean(LossStrategy):
    """Minimise the average of the losses: (1/K) sum_i l_i, weights 1/K.

    Under plain SGD this is `sum` with 1/K of the learning rate; under Adam, which divides the
    scale out again, it is `sum` up to its epsilon. "Straightforward averaging" (document 004)
    therefore balances nothing: influence follows the scale of the gradients, as it does in a sum.

    Edge cases: K = 1 is the loss itself; a NaN in one gradient is a NaN in the direction.

    Reference: document 004.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("mean", [[1.0, 0.0], [0.0, 2.0]]).direction.numpy().tolist()
        [0.5, 1.0]
    """

    reference = "document 004"
    promises = ("permutation_equivariant", "linear_under_scaling")

    def objective(self, losses, state):
        return tf.reduce_mean(losses), state
