"""Learning-rate annealing: bring every gradient to the size of the first one."""

from __future__ import annotations

import tensorflow as tf

from .core import GradientStrategy, Range, at_least, total_of_rows

STATISTICS = ("max_over_mean", "mean_over_mean")


class LRAnnealing(GradientStrategy):
    """Weights w_i <- (1 - a) w_i + a max|g_0| / mean|g_i|; the first loss keeps weight 1.

    The first loss is the reference (the residual of a differential equation, in the paper). With
    "mean_over_mean" the target is mean|g_0| / mean|g_i|.

    State: w (K,), ones at the start; the update comes before its use.

    Hyperparameters:
        alpha: a, the weight of the new ratio. The paper's formula reads as 0.9, its code and all
            others use 0.1 of the new.
        statistic: "max_over_mean" (Wang) or "mean_over_mean" (Jin et al. 2021).
        epsilon: added to the denominator; 1e-8 in PhysicsNeMo, 0 here, which is exact.

    Edge cases: where a gradient is 0, or that of the first loss, the weight stays as it is. Ratios
    over a maximum grow with the number of parameters. Not a descent method: weights do not look at
    conflicts.

    Raises:
        ValueError: alpha is outside [0, 1], epsilon is negative, the statistic is unknown.

    Reference: Wang, S. et al. 2021, "Understanding and Mitigating Gradient Flow Pathologies in
    Physics-Informed Neural Networks" (arXiv 2001.04536).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("lr_annealing", [[2.0, 0.0], [0.0, 2.0]]).weights.numpy().round(3)
        array([1. , 1.1], dtype=float32)
    """

    reference = "Wang, S. et al. 2021, arXiv 2001.04536"
    roles = True
    search_space = {"alpha": Range(0.01, 1.0, log=True)}

    alpha: float = 0.1
    statistic: str = "max_over_mean"
    epsilon: float = 0.0

    def __post_init__(self):
        super().__post_init__()
        at_least(self, "alpha", 0, 1)
        at_least(self, "epsilon", 0)
        if self.statistic not in STATISTICS:
            raise ValueError(
                f"{self.name}: statistic is one of {', '.join(STATISTICS)}; got {self.statistic!r}"
            )

    def init(self, num_losses):
        return tf.ones((num_losses,))

    def weigh(self, gradients, losses, state):
        sizes = tf.abs(gradients)
        means = total_of_rows(sizes) / tf.cast(tf.shape(sizes)[1], sizes.dtype)
        size = tf.reduce_max(sizes[0]) if self.statistic == "max_over_mean" else means[0]
        below = means + self.epsilon
        known = (below != 0) & (size != 0)
        ratio = tf.where(known, size / tf.where(known, below, 1), state)
        ratio = tf.concat([tf.ones_like(ratio[:1]), ratio[1:]], axis=0)
        weights = (1 - self.alpha) * state + self.alpha * ratio
        return weights, weights
