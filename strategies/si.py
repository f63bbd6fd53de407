"""Scale-invariant: the sum of the logarithms of the losses."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy


class SI(LossStrategy):
    """Minimise sum_i log l_i; weights 1 / l_i.

    A factor on a loss adds a constant to the objective and changes no gradient.

    Edge cases: a loss of exactly 0 is at its minimum and gets weight 0 (the objective is -inf); a
    loss near 0 gets a weight without bound. A negative loss gives NaN. Difference: SamsungLabs'
    code takes log(1 + l), which is bounded and not scale-invariant.

    Reference: Navon et al. 2022, "Multi-Task Learning as a Bargaining Game" (arXiv 2202.01017).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("si", [[1.0, 0.0], [0.0, 2.0]], [1.0, 4.0]).weights.numpy().tolist()
        [1.0, 0.25]
    """

    reference = "Navon et al. 2022, arXiv 2202.01017"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True

    def objective(self, losses, state):
        zero, one = losses == 0, tf.ones_like(losses)
        logs = tf.math.log(tf.where(zero, one, losses))
        # log of a negative number is NaN, but its gradient would be finite: keep the NaN.
        logs *= tf.where(losses < 0, float("nan") * one, one)
        return tf.reduce_sum(tf.where(zero, float("-inf") * one, logs)), state
