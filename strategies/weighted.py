"""A weighted sum of the losses with weights set by hand."""

from __future__ import annotations

import tensorflow as tf

from .core import Factors, LossStrategy
from .core.fixed import check_fixed, fixed


class Weighted(LossStrategy):
    """Minimise sum_i w_i l_i with fixed weights: what Keras calls `loss_weights`.

    Tuned weights are the comparison that other methods have to beat. Only their ratios matter to
    where training ends; their common scale is a learning rate (under SGD) or nothing (under Adam).

    Hyperparameters:
        weights: K numbers, or None for ones. A benchmark fills in the task's hand-set weights.

    Edge cases: a weight 0 switches a loss off; negative weights subtract it.

    Raises:
        ValueError: weights are not finite, or not one per loss.

    Reference: documents 002, 003 and 004; Xin et al. 2022, "Do Current Multi-Task Optimization
    Methods in Deep Learning Even Help?" (arXiv 2209.11379).

    Example:
        >>> from lossbench.strategies import combine, get
        >>> fixed = get("weighted", weights=(1.0, 0.5))
        >>> combine(fixed, [[1.0, 0.0], [0.0, 2.0]]).direction.numpy().tolist()
        [1.0, 1.0]
    """

    reference = "documents 002 to 004; Xin et al. 2022, arXiv 2209.11379"
    promises = ("linear_under_scaling",)
    search_space = {"weights": Factors(0.01, 100.0)}

    weights: tuple[float, ...] | None = None

    def __post_init__(self):
        super().__post_init__()
        check_fixed(self)

    def objective(self, losses, state):
        return tf.reduce_sum(fixed(self, losses) * losses), state
