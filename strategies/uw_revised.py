"""Uncertainty weighting with a regulariser that stays positive."""

from __future__ import annotations

import tensorflow as tf

from .core.learned import begun, descend, sizes
from .uw import UW


class UWRevised(UW):
    """Minimise sum_i l_i / (2 v_i) + log(1 + v_i) over the model and the variances v > 0.

    Weights are 1 / (2 v_i). The total never goes below 0 for non-negative losses. The best v_i
    solves 2 v^2 / (1 + v) = l_i; for a small loss it is sqrt(l_i / 2), so small losses gain less
    weight than under `uw`.

    State: s = log v (K,), which starts where v is best for the first loss of each (`log_variance=0`
    is the start of the paper) and keeps v positive (the authors learn sigma, with v = sigma^2, and
    divide by a sigma that may cross 0). It takes one step of SGD per step of the model with the
    closed-form gradient v / (1 + v) - l_i / (2 v), bounded to 1 in size; weights of a step come
    from s before it.

    Hyperparameters:
        learning_rate: of s.
        log_variance: s at the start; None is the best one for the first losses (at least 3e-4; 0
            where one is not above 0).

    Edge cases: for l_i = 0 the variance falls to its bound exp(-20); negative losses are outside
    the method. A NaN loss leaves a NaN in its s_i.

    Raises:
        ValueError: learning_rate is not above 0, log_variance is not finite.

    Reference: Liebel and Koerner 2018, "Auxiliary Tasks in Multi-task Learning" (arXiv
    1805.06334).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("uw_revised", [[1.0, 0.0], [0.0, 2.0]], [1.0, 3.0]).weights.numpy().round(3)
        array([0.5  , 0.229], dtype=float32)
    """

    reference = "Liebel and Koerner 2018, arXiv 1805.06334"

    def objective(self, losses, state):
        first = sizes(losses)  # 2 v^2 / (1 + v) = l, in a form that does not overflow
        best = tf.math.log(first) + tf.math.log((1 + tf.sqrt(1 + 8 / first)) / 4)
        state = begun(state, tf.where(losses > 0, best, 0))
        weights = tf.exp(-state) / 2
        value = tf.reduce_sum(weights * losses + tf.math.softplus(state))
        gradient = tf.sigmoid(state) - weights * losses
        return value, descend(state, gradient, self.learning_rate)
