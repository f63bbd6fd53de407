"""Each loss trains variables of its own, with an optimizer of their own."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy


class Split(LossStrategy):
    """One loss per group of variables, and an optimizer for each group (document 002).

    A group that one loss reaches is trained by that loss with weight 1; a group that several
    losses reach is trained by loss number `shared` alone, or, should that one not reach it, by the
    first that does. No gradient is ever added to another. What decides is the list of variables
    that each loss is differentiated by, not the second tape of the document.

    The losses that are not `shared` learn from shared features that are deaf to them: document
    002's reconstruction learns nothing that way.

    Hyperparameters:
        shared: index of the loss that trains the shared groups.

    Edge cases: the flat form has one shared group, so its weights are 1 for loss `shared` and 0
    for the others. K = 1 is the loss itself.

    Raises:
        ValueError: `shared` is not the index of a loss.

    Reference: document 002, second example.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("split", [[1.0, 0.0], [0.0, 2.0]]).direction.numpy().tolist()
        [1.0, 0.0]
    """

    reference = "document 002, second example"
    promises = ("linear_under_scaling",)
    roles = True

    shared: int = 0

    def __post_init__(self):
        super().__post_init__()
        if type(self.shared) is not int or self.shared < 0:
            raise ValueError(
                f"{self.name}: shared is the index of a loss, from 0; got {self.shared!r}"
            )

    def routes(self, groups, num_losses):
        self._check(num_losses)
        return {
            name: (self.shared,) if self.shared in reach and len(reach) > 1 else tuple(reach[:1])
            for name, reach in groups.items()
        }

    def objective(self, losses, state):
        self._check(losses.shape[0])
        kept = tf.one_hot(self.shared, losses.shape[0], on_value=True, off_value=False)
        # A loss that does not train the group may be NaN: select instead of multiplying by 0.
        return tf.reduce_sum(tf.where(kept, losses, tf.zeros_like(losses))), state

    def _check(self, num_losses):
        if self.shared >= num_losses:
            raise ValueError(
                f"{self.name}: shared is an index below {num_losses}, the number of losses; "
                f"got {self.shared}"
            )
