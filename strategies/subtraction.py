"""The first loss minus the others."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy
from .core.fixed import check_fixed, fixed
from .core.unlearning import nothing_to_unlearn


class Subtraction(LossStrategy):
    """Minimise w_0 l_0 - sum_{i > 0} w_i l_i, the difference of document 000.

    The objective has no lower bound as soon as a subtracted loss has no upper one (squared
    error and cross-entropy have none): the branch that is subtracted is paid for being wrong, and
    the loss runs to minus infinity at any learning rate and any positive weight. It diverges
    without one NaN, so watch the size of the losses. `margin_subtraction` is the bounded form.

    Hyperparameters:
        weights: K numbers, or None for ones; the sign is the strategy's.

    Edge cases: K = 1 is the loss itself.

    Raises:
        ValueError: weights are not finite, or not one per loss.

    Reference: document 000, example 1 (identical to Keras `loss_weights=[1, -1]`).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("subtraction", [[1.0, 0.0], [0.0, 2.0]]).direction.numpy().tolist()
        [1.0, -2.0]
    """

    reference = "document 000, example 1"
    promises = ("linear_under_scaling",)
    literal = True
    roles = True

    weights: tuple[float, ...] | None = None

    def __post_init__(self):
        super().__post_init__()
        check_fixed(self)

    def idle(self, situation):
        return nothing_to_unlearn(situation)

    def objective(self, losses, state):
        terms = fixed(self, losses) * losses
        return terms[0] - tf.reduce_sum(terms[1:]), state
