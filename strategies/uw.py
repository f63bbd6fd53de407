"""Uncertainty weighting: learned log-variances."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Range, finite, positive
from .core.learned import begun, descend, fill, sizes


class UW(LossStrategy):
    """Minimise sum_i exp(-s_i) l_i / 2 + s_i / 2 over the model and the log-variances s.

    Weights are exp(-s_i) / 2. The best s_i is log l_i, where the weight is 1 / (2 l_i): up to its
    lag this is `si`, the sum of the logarithms. The total goes below 0 for losses below 1, which
    harms nothing: its gradient is what trains.

    State: s (K,), which starts at log l_i of the first loss of each: from s = 0, the start of the
    paper (`log_variance=0`), a loss of 1e5 sends its gradients at full length through the model
    and into the second moment of Adam, until s has come up. s takes one step of SGD per step of the
    model with the closed-form gradient (1 - exp(-s_i) l_i) / 2, bounded to 1 in size; weights of a
    step come from s before it.

    Hyperparameters:
        learning_rate: of s; the paper learns s with the model's optimizer instead.
        log_variance: s at the start; None is the logarithm of the first losses (at least 3e-4; 0
            where one is not above 0).

    Edge cases: for l_i <= 0 there is no best s_i; it falls to its bound of -20 and the weight
    grows to 2e8: for non-negative losses only. A NaN loss leaves a NaN in its s_i.
    Differences: the paper drops the 1/2 of the data term for classification; LibMTL starts at -0.5.

    Raises:
        ValueError: learning_rate is not above 0, log_variance is not finite.

    Reference: Kendall et al. 2018, "Multi-Task Learning Using Uncertainty to Weigh Losses" (arXiv
    1705.07115).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("uw", [[1.0, 0.0], [0.0, 2.0]], [1.0, 3.0]).weights.numpy().round(3)
        array([0.5  , 0.167], dtype=float32)
    """

    reference = "Kendall et al. 2018, arXiv 1705.07115"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True
    search_space = {"learning_rate": Range(1e-3, 0.3, log=True)}

    learning_rate: float = 0.025
    log_variance: float | None = None

    def __post_init__(self):
        super().__post_init__()
        positive(self, "learning_rate")
        if self.log_variance is not None:
            finite(self, "log_variance")

    def init(self, num_losses):
        return fill(self.log_variance, num_losses)

    def objective(self, losses, state):
        state = begun(state, tf.math.log(sizes(losses)))
        weights = tf.exp(-state) / 2
        value = tf.reduce_sum(weights * losses + state / 2)
        return value, descend(state, 0.5 - weights * losses, self.learning_rate)
