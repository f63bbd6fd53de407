"""CoV-Weighting: weight by the coefficient of variation of the loss ratio."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, at_least
from .core.learned import weighted_sum

SMALL = 1e-8  # under the root of the variance, as in the authors' code


class CoV(LossStrategy):
    """Weights proportional to std(q_i) / mean(q_i), q_i = l_i / mean(l_i so far); they sum to 1.

    A loss whose ratio to its own past still varies has more to learn than one that is steady. The
    first two steps weigh 1/K; weights of a step come from the statistics before it.

    State: number of steps so far, running means of the losses and of q, and the sum of squares S of
    q (Welford), each (K,). The variance is S / (t + 1), plus 1e-8 under the root.

    Hyperparameters:
        decay: None for plain running means, or the share of the old mean at each step.

    Edge cases: a mean loss of 0 counts as q = 1; losses that change sign are outside the method.

    Raises:
        ValueError: decay is outside [0, 1].

    Reference: Groenendijk et al. 2021, "Multi-Loss Weighting with Coefficient of Variations"
    (arXiv 2009.01717).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("cov", [[1.0, 0.0], [0.0, 2.0]], [1.0, 3.0]).weights.numpy().tolist()
        [0.5, 0.5]
    """

    reference = "Groenendijk et al. 2021, arXiv 2009.01717"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True

    decay: float | None = None

    def __post_init__(self):
        super().__post_init__()
        if self.decay is not None:
            at_least(self, "decay", 0, 1)

    def init(self, num_losses):
        zeros = tf.zeros((num_losses,))
        steps = tf.zeros((num_losses,), tf.int32)
        return {"steps": steps, "loss": zeros, "ratio": zeros, "squares": zeros}

    def objective(self, losses, state):
        now, steps = tf.stop_gradient(losses), state["steps"]
        count = tf.cast(steps, losses.dtype)
        variation = tf.math.divide_no_nan(
            tf.sqrt(state["squares"] / tf.maximum(count, 1) + SMALL), state["ratio"]
        )
        # A loss that came late weighs 1/K until it has a past, and the others share the rest.
        old = steps > 1
        variation = tf.where(old, variation, tf.zeros_like(variation))
        rest = tf.reduce_mean(tf.cast(old, losses.dtype))
        shares = tf.math.divide_no_nan(rest * variation, tf.reduce_sum(variation))
        weights = tf.where(old, shares, tf.ones_like(losses) / losses.shape[0])
        known = (steps > 0) & (state["loss"] != 0)
        ratio = tf.where(known, now / tf.where(known, state["loss"], 1), tf.ones_like(now))
        kept = 1 - 1 / (count + 1)
        if self.decay is not None:
            kept = tf.where(steps > 0, self.decay * tf.ones_like(kept), kept)
        mean = kept * state["ratio"] + (1 - kept) * ratio
        return weighted_sum(weights, losses), {
            "steps": steps + 1,
            "loss": kept * state["loss"] + (1 - kept) * now,
            "ratio": mean,
            "squares": state["squares"] + (ratio - state["ratio"]) * (ratio - mean),
        }
