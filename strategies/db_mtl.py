"""DB-MTL: logarithms of the losses, and gradients of one length."""

from __future__ import annotations

import tensorflow as tf

from .core import GradientStrategy, Range, at_least, total_of_rows


class DBMTL(GradientStrategy):
    """Add running gradients of log l_i, each scaled to the length of the longest.

    g_i / (l_i + e) is the gradient of log(l_i + e); b_i <- g + beta_k (b_i - g), with
    beta_k = beta / k^sigma at step k from 1; u = sum_i (max_j |b_j| / |b_i|) b_i.

    State: the buffers b (K, P), zeros at the start, and the numbers of steps (K,).

    Hyperparameters:
        beta: share of the old buffer at the first step.
        sigma: how fast that share falls. 0.5 is the paper's; LibMTL's configuration has 0.
        epsilon: e, also added to |b_i|; LibMTL has 1e-8. With 0, the default, it is exact.

    Edge cases: a zero buffer stays zero, as does a loss of exactly 0. A loss below 0 has its
    gradient turned. The buffer starts at 0 without correction, so the first update is (1 - beta)
    times a full one. Costs memory of K * P numbers beside the gradients.

    Raises:
        ValueError: beta is outside [0, 1], sigma or epsilon is negative.

    Reference: Lin, B. et al. 2023, "Dual-Balancing for Multi-Task Learning" (arXiv 2308.12029).

    Example:
        >>> from lossbench.strategies import combine, get
        >>> full = get("db_mtl", beta=0.0)
        >>> combine(full, [[1.0, 0.0], [0.0, 4.0]], [1.0, 1.0]).direction.numpy().tolist()
        [4.0, 4.0]
    """

    reference = "Lin, B. et al. 2023, arXiv 2308.12029"
    promises = ("permutation_equivariant",)
    needs_losses = True
    search_space = {"beta": Range(0.0, 0.99), "sigma": Range(0.0, 1.0)}

    beta: float = 0.9
    sigma: float = 0.5
    epsilon: float = 0.0

    def __post_init__(self):
        super().__post_init__()
        at_least(self, "beta", 0, 1)
        at_least(self, "sigma", 0)
        at_least(self, "epsilon", 0)

    def init(self, num_losses, num_parameters):
        return {
            "buffer": tf.zeros((num_losses, num_parameters)),
            "steps": tf.zeros((num_losses,), tf.int32),
        }

    def combine(self, gradients, losses, state):
        of_logarithms = tf.math.divide_no_nan(gradients, losses[:, None] + self.epsilon)
        steps = state["steps"] + 1
        old = self.beta * tf.pow(tf.cast(steps, losses.dtype), -self.sigma)
        buffer = of_logarithms + old[:, None] * (state["buffer"] - of_logarithms)
        lengths = tf.sqrt(total_of_rows(tf.square(buffer)))
        weights = tf.math.divide_no_nan(tf.reduce_max(lengths), lengths + self.epsilon)
        direction = tf.linalg.matvec(buffer, weights, transpose_a=True)
        return direction, {"buffer": buffer, "steps": steps}
