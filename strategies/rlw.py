"""Random loss weighting."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Noise
from .core.learned import weighted_sum


class RLW(LossStrategy):
    """Weights softmax(z) with z ~ N(0, I), fresh at each step; they sum to 1.

    On average 1/K each. A litmus test: a method that does not beat this one weighs at random.

    Noise: normal (K,), the z.

    Edge cases: K = 1 is the loss itself. Difference: LibMTL puts these weights, which sum to 1,
    beside an equal weighting that sums to K, a factor K in the learning rate; `rescale="sum_to_k"`
    removes it.

    Reference: Lin, B. et al. 2022, "Reasonable Effectiveness of Random Weighting" (arXiv
    2111.10603).

    Example:
        >>> from lossbench.strategies import combine
        >>> rows = [[1.0, 0.0], [0.0, 2.0]]
        >>> combine("rlw", rows, noise=[0.0, 0.0]).weights.numpy().tolist()
        [0.5, 0.5]
    """

    reference = "Lin, B. et al. 2022, arXiv 2111.10603"
    promises = ("permutation_equivariant", "linear_under_scaling")

    def noise(self, num_losses, num_parameters):
        return Noise("normal", (num_losses,))

    def objective(self, losses, state, noise):
        return weighted_sum(tf.nn.softmax(noise), losses), state
