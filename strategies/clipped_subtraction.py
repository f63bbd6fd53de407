"""The first loss minus the others, the difference clipped to a range."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Range, positive
from .core.fixed import check_fixed, fixed
from .core.unlearning import nothing_to_unlearn


class ClippedSubtraction(LossStrategy):
    """Minimise clip_by_value(w_0 l_0 - sum_{i > 0} w_i l_i, -clip, clip).

    Document 000 clips the value "to prevent potential gradient explosion". A clipped value has the
    full gradient inside the range and exactly 0 outside: nothing is bounded, everything is
    switched off. Once the difference leaves the range, which plain subtraction always does, no
    gradient brings it back and all losses stop training for ever, the first one included.

    Hyperparameters:
        weights: K numbers, or None for ones.
        clip: half width of the range.

    Edge cases: at the bounds themselves the gradient still passes. A NaN difference stays NaN.

    Raises:
        ValueError: weights are not finite or not one per loss; clip is not above 0.

    Reference: document 000, example 3 (without its second subtraction by `loss_weights`, which
    would make the total identically 0).

    Example:
        >>> from lossbench.strategies import combine
        >>> rows = [[1.0, 0.0], [0.0, 2.0]]
        >>> combine("clipped_subtraction", rows, [1.0, 3.0]).direction.numpy().tolist()
        [1.0, -2.0]
        >>> combine("clipped_subtraction", rows, [1.0, 30.0]).direction.numpy().tolist()
        [0.0, 0.0]
    """

    reference = "document 000, example 3"
    needs_losses = True
    literal = True
    roles = True
    search_space = {"clip": Range(0.1, 100.0, log=True)}

    weights: tuple[float, ...] | None = None
    clip: float = 10.0

    def __post_init__(self):
        super().__post_init__()
        check_fixed(self)
        positive(self, "clip")

    def idle(self, situation):
        return nothing_to_unlearn(situation)

    def objective(self, losses, state):
        terms = fixed(self, losses) * losses
        difference = terms[0] - tf.reduce_sum(terms[1:])
        inside = tf.abs(difference) <= self.clip
        # As tf.clip_by_value, but a NaN reaches the gradient instead of hiding as a constant.
        bound = self.clip * tf.sign(difference)
        return tf.where(inside | tf.math.is_nan(difference), difference, bound), state
