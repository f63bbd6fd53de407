"""The first loss minus the others, each divided by the batch size."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, positive
from .core.fixed import check_fixed, fixed
from .core.unlearning import nothing_to_unlearn

DOCUMENT = 64  # the document's batch size


class NormalizedSubtraction(LossStrategy):
    """Minimise (w_0 l_0 - sum_{i > 0} w_i l_i) / B, document 000's "normalised" difference.

    The losses are means over the batch already, so dividing both by the batch size B changes
    neither their balance nor the missing lower bound: the gradient is that of `subtraction` times
    1/B. Under SGD that is a hidden learning rate (64 times smaller at B = 64), under Adam nothing
    but a relatively larger epsilon; and it makes the step depend on the batch size, which the
    means did not.

    Hyperparameters:
        weights: K numbers, or None for ones.
        batch_size: B, or None for that of the run; on its own that is the document's 64.

    Raises:
        ValueError: weights are not finite or not one per loss; the batch size is not above 0.

    Reference: document 000, example 2.

    Example:
        >>> from lossbench.strategies import combine, get
        >>> normalized = get("normalized_subtraction", batch_size=4)
        >>> combine(normalized, [[1.0, 0.0], [0.0, 2.0]]).direction.numpy().tolist()
        [0.25, -0.5]
    """

    reference = "document 000, example 2"
    promises = ("linear_under_scaling",)
    literal = True
    roles = True

    weights: tuple[float, ...] | None = None
    batch_size: float | None = None

    def __post_init__(self):
        super().__post_init__()
        check_fixed(self)
        if self.batch_size is not None:
            positive(self, "batch_size")

    def idle(self, situation):
        return nothing_to_unlearn(situation)

    def objective(self, losses, state):
        terms = fixed(self, losses) * losses / (self.batch_size or DOCUMENT)
        return terms[0] - tf.reduce_sum(terms[1:]), state
