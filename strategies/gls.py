"""The geometric mean of the losses."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy


class GLS(LossStrategy):
    """Minimise (prod_i l_i)^(1/K), computed as exp(mean(log l_i)); weights GLS / (K l_i).

    Free of the scale of each loss: a factor on one loss multiplies the whole, not the balance.
    Weights are those of `si` times GLS / K.

    Edge cases: a loss of exactly 0 makes the objective 0, its minimum, and all weights 0. A
    negative loss gives NaN. Difference: LibMTL multiplies the losses, which overflows and
    underflows, and reports wrong weights.

    Reference: Chennupati et al. 2019, "MultiNet++" (arXiv 1904.08492).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("gls", [[1.0, 0.0], [0.0, 2.0]], [1.0, 4.0]).weights.numpy().tolist()
        [1.0, 0.25]
    """

    reference = "Chennupati et al. 2019, arXiv 1904.08492"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True

    def objective(self, losses, state):
        zero = losses == 0
        mean = tf.exp(tf.reduce_mean(tf.math.log(tf.where(zero, tf.ones_like(losses), losses))))
        return tf.where(tf.reduce_any(zero), tf.zeros_like(mean), mean), state
