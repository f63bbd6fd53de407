"""UW-SO: the analytic optimum of uncertainty weighting, through a softmax."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Range, positive
from .core.learned import weighted_sum

LARGEST = 1e30  # stands for 1 / 0 and leaves room to subtract in float32


class UWSO(LossStrategy):
    """Weights softmax_i(1 / (T l_i)), taken as constants; they sum to 1.

    Uncertainty weighting at its optimum weighs by 1 / l_i; the softmax bounds that and needs no
    learned state. T to infinity gives 1/K each, T to 0 the smallest loss alone.

    Hyperparameters:
        temperature: T, which the paper tunes per data set.

    Edge cases: a loss of exactly 0 takes all the weight (several share it); negative losses are
    outside the method.

    Raises:
        ValueError: the temperature is not above 0.

    Reference: Kirchdorfer et al. 2024, "Analytical Uncertainty-Based Loss Weighting in Multi-Task
    Learning" (arXiv 2408.07985).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("uw_so", [[1.0, 0.0], [0.0, 2.0]], [2.0, 2.0]).weights.numpy().tolist()
        [0.5, 0.5]
    """

    reference = "Kirchdorfer et al. 2024, arXiv 2408.07985"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True
    search_space = {"temperature": Range(0.1, 100.0, log=True)}

    temperature: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        positive(self, "temperature")

    def objective(self, losses, state):
        inverse = tf.minimum(1 / (self.temperature * losses), LARGEST)
        return weighted_sum(tf.nn.softmax(inverse), losses), state
