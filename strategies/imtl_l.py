"""IMTL-L: learned log-scales that make all scaled losses 1."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Range, finite, positive
from .core.learned import begun, descend, fill, sizes


class IMTLL(LossStrategy):
    """Minimise sum_i exp(s_i) l_i - s_i over the model and the log-scales s.

    Weights are exp(s_i). The best s_i is -log l_i, where each scaled loss is 1: twice `uw` with
    the sign of s turned, so it has the same balance and twice its step.

    State: s (K,), which starts at -log l_i of the first loss of each; `log_scale=0` is the start of
    the paper, from which the weight of a loss of 1e5 is slow to come down. It takes one step of SGD
    per step of the model with the closed-form gradient exp(s_i) l_i - 1, bounded to 1 in size;
    weights of a step come from s before it.

    Hyperparameters:
        learning_rate: of s; the paper learns s with the model's optimizer instead.
        log_scale: s at the start; None is that of the first losses (at least 3e-4; 0 where one is
            not above 0).

    Edge cases: for l_i <= 0 there is no best s_i; it grows to its bound of 20: for positive losses
    only. A NaN loss leaves a NaN in its s_i. The paper allows any base above 1; here it is e.

    Raises:
        ValueError: learning_rate is not above 0, log_scale is not finite.

    Reference: Liu, L. et al. 2021, "Towards Impartial Multi-task Learning" (ICLR).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("imtl_l", [[1.0, 0.0], [0.0, 2.0]], [1.0, 3.0]).weights.numpy().round(3)
        array([1.   , 0.333], dtype=float32)
    """

    reference = "Liu, L. et al. 2021, ICLR"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True
    search_space = {"learning_rate": Range(1e-3, 0.3, log=True)}

    learning_rate: float = 0.025
    log_scale: float | None = None

    def __post_init__(self):
        super().__post_init__()
        positive(self, "learning_rate")
        if self.log_scale is not None:
            finite(self, "log_scale")

    def init(self, num_losses):
        return fill(self.log_scale, num_losses)

    def objective(self, losses, state):
        state = begun(state, -tf.math.log(sizes(losses)))
        weights = tf.exp(state)
        value = tf.reduce_sum(weights * losses - state)
        return value, descend(state, weights * losses - 1, self.learning_rate)
