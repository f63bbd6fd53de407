"""SoftAdapt: losses that fall slowly, or rise, gain weight."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Range, at_least, finite
from .core.learned import weighted_sum

VARIANTS = ("original", "normalized", "loss_weighted")


class SoftAdapt(LossStrategy):
    """Weights softmax_i(beta s_i) with the slopes s_i = l_i(t) - l_i(t - 1); they sum to 1.

    Variants: "normalized" divides the slopes by their sum; "loss_weighted" multiplies the
    exponentials by the losses (mean of both steps) before they are normalised.

    State: last losses and number of steps so far, each (K,).

    Hyperparameters:
        beta: how much slopes count; below 0 it favours losses that fall.
        variant: one of the three.
        epsilon: added to the sums of exponentials, as in the authors' package.

    Edge cases: the first step has no slope and weighs 1/K. The sum of "normalized" has a sign, as
    in the authors' package: while the losses fall on the whole it is negative and turns the order
    round, so that the loss that falls fastest gains most; near 0 it makes weights jump, and at 0
    weights are equal. Differences: PhysicsNeMo uses the ratio l(t) / l(t - 1) and a factor K;
    relative_balancing multiplies by T instead of dividing.

    Raises:
        ValueError: beta is not finite, epsilon is negative, the variant is unknown.

    Reference: Heydari et al. 2019, "SoftAdapt" (arXiv 1912.12355).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("softadapt", [[1.0, 0.0], [0.0, 2.0]], [1.0, 3.0]).weights.numpy().tolist()
        [0.5, 0.5]
    """

    reference = "Heydari et al. 2019, arXiv 1912.12355"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True
    search_space = {"beta": Range(0.01, 10.0, log=True)}

    beta: float = 0.1
    variant: str = "original"
    epsilon: float = 1e-8

    def __post_init__(self):
        super().__post_init__()
        finite(self, "beta")
        at_least(self, "epsilon", 0)
        if self.variant not in VARIANTS:
            raise ValueError(
                f"{self.name}: variant is one of {', '.join(VARIANTS)}; got {self.variant!r}"
            )

    def init(self, num_losses):
        return {"last": tf.zeros((num_losses,)), "steps": tf.zeros((num_losses,), tf.int32)}

    def objective(self, losses, state):
        now = tf.stop_gradient(losses)
        last = tf.where(state["steps"] > 0, state["last"], now)
        slopes = now - last
        if self.variant == "normalized":
            slopes = tf.math.divide_no_nan(slopes, tf.reduce_sum(slopes))
        logits = self.beta * slopes
        shares = tf.exp(logits - tf.reduce_max(logits))
        shares /= tf.reduce_sum(shares) + self.epsilon
        if self.variant == "loss_weighted":
            shares *= (now + last) / 2
            shares /= tf.reduce_sum(shares) + self.epsilon
        return weighted_sum(shares, losses), {"last": now, "steps": state["steps"] + 1}
