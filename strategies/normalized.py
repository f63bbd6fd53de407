"""Each loss divided by what the best constant predictor gets."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy
from .core.checks import vector
from .core.fixed import check_fixed
from .core.learned import sizes


class Normalized(LossStrategy):
    """Minimise sum_i l_i / c_i, where c_i is the loss of the best constant predictor.

    What a practitioner does first: a target in other units, or standardised, has the same share
    in the sum. c_i is the variance of a target under the squared error, the entropy of the labels
    under cross-entropy; every l_i / c_i is 1 for a model that has learned nothing but the mean.

    Hyperparameters:
        constant_losses: c (K,), above 0. A benchmark computes them from the training split. None:
            the first loss of each stands in for it, that of a model which has learned nothing.

    State: c (K,), 0 until the first loss above 0 of each has come; then it stays.

    Edge cases: for a loss that a constant predictor brings to 0, as a divergence from a fixed
    distribution, there is no c: a benchmark gives it 1, as `sum` has it. A first loss counts with
    at least 3e-4; until one is above 0, the loss is divided by 1.

    Raises:
        ValueError: constant_losses are not above 0, or not one per loss.

    Reference: standardised variables, LeCun et al. 1998, "Efficient BackProp"; here as weights, so
    that it serves any loss.

    Example:
        >>> from lossbench.strategies import combine, get
        >>> divided = get("normalized", constant_losses=(2.0, 0.5))
        >>> combine(divided, [[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0]).weights.numpy().tolist()
        [0.5, 2.0]
    """

    reference = "standardised variables, LeCun et al. 1998, Efficient BackProp"
    promises = ("linear_under_scaling",)
    needs_losses = True

    constant_losses: tuple[float, ...] | None = None

    def __post_init__(self):
        super().__post_init__()
        check_fixed(self, "constant_losses")
        given = self.constant_losses
        if isinstance(given, (tuple, list)) and min(given) <= 0:
            raise ValueError(
                f"{self.name}: constant_losses are numbers above 0, one per loss; got {given!r}"
            )

    def init(self, num_losses):
        return tf.convert_to_tensor(vector(self, "constant_losses", num_losses, 0.0))

    def objective(self, losses, state):
        divisors = tf.where(state > 0, state, sizes(losses))
        return tf.reduce_sum(losses / divisors), tf.where(losses > 0, divisors, state)
