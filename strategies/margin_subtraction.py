"""The first loss, and the others pushed up to a margin and no further."""

from __future__ import annotations

import math

import tensorflow as tf

from .core import LossStrategy, Range, finite
from .core.fixed import check_fixed, fixed
from .core.unlearning import nothing_to_unlearn


class MarginSubtraction(LossStrategy):
    """Minimise w_0 l_0 + sum_{i > 0} w_i max(0, margin - l_i): subtraction with a lower bound.

    Below the margin a loss is subtracted as in `subtraction`; at the margin its term is 0 and so
    is its gradient, so the objective is bounded below by w_0 min l_0 and the first loss trains on.
    Every variable, heads included, follows this one total, as in document 000; the margin keeps
    the head of a subtracted loss from being paid for being wrong without bound.

    Hyperparameters:
        weights: K numbers, or None for ones.
        margin: the loss of a head that knows nothing. log C for cross-entropy over C classes (the
            default is log 10), the variance of the target for squared error.

    Edge cases: at the margin itself the weight is 0. K = 1 is the loss itself. A head can meet
    the margin by getting worse while the features still hold what it read: look with a probe.

    Raises:
        ValueError: weights are not finite or not one per loss; the margin is not finite.

    Reference: document 000, corrected.

    Example:
        >>> from lossbench.strategies import combine, get
        >>> bounded = get("margin_subtraction", margin=1.0)
        >>> rows = [[1.0, 0.0], [0.0, 2.0]]
        >>> combine(bounded, rows, [5.0, 0.9]).direction.numpy().tolist()
        [1.0, -2.0]
        >>> combine(bounded, rows, [5.0, 1.1]).direction.numpy().tolist()
        [1.0, 0.0]
    """

    reference = "document 000, corrected"
    needs_losses = True
    literal = True
    roles = True
    search_space = {"margin": Range(0.1, 10.0, log=True)}

    weights: tuple[float, ...] | None = None
    margin: float = math.log(10)

    def __post_init__(self):
        super().__post_init__()
        check_fixed(self)
        finite(self, "margin")

    def idle(self, situation):
        return nothing_to_unlearn(situation)

    def objective(self, losses, state):
        rest = losses[1:]
        # The gradient of relu is 0 at the margin, and at a NaN, which has to stay visible.
        below = tf.where(tf.math.is_nan(rest), rest, tf.nn.relu(self.margin - rest))
        terms = tf.concat([losses[:1], below], axis=0)
        return tf.reduce_sum(fixed(self, losses) * terms), state
