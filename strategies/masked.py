"""Losses over the relevant outputs alone, and predictions among them alone."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, masked_mean
from .core.fixed import check_fixed, fixed


class Masked(LossStrategy):
    """Average each loss over its relevant outputs, and hide the others in prediction too.

    Loss i is sum(e m) / sum(m) over its elements e (B, O), where m is 1 for outputs that are both
    relevant and observed; then the losses are added. Elements and weights are masked together, so
    that a masked output has gradient exactly 0 and masked rows do not dilute the mean. A mask in
    the loss alone leaves the model free to predict a masked class: `masks_outputs` hides it in
    prediction as well. (Document 001 masks labels and probabilities only, and keeps its 0
    gradient thanks to Keras renormalising them.)

    Hyperparameters:
        mask: K zeros and ones that drop whole losses, or None to keep all.

    Edge cases: without a relevant observed element a loss is 0. A mask of zeros is a direction 0.

    Raises:
        ValueError: the mask holds other numbers, or not one per loss.

    Reference: document 001, example 2.

    Example:
        >>> from lossbench.strategies import combine, get
        >>> rows = [[1.0, 0.0], [0.0, 2.0]]
        >>> combine(get("masked", mask=(0, 1)), rows).direction.numpy().tolist()
        [0.0, 2.0]
    """

    reference = "document 001, example 2"
    promises = ("linear_under_scaling",)
    masks_outputs = True

    mask: tuple[int, ...] | None = None

    def __post_init__(self):
        super().__post_init__()
        check_fixed(self, "mask")
        if isinstance(self.mask, (tuple, list)) and not set(self.mask) <= {0, 1}:
            raise ValueError(f"{self.name}: mask holds 0 and 1, one per loss; got {self.mask!r}")

    def idle(self, situation):
        return "" if situation.relevant or self.mask is not None else "no outputs to mask"

    def reduce(self, elements, observed, relevant):
        observed, relevant = (tf.cast(mask, elements.dtype) for mask in (observed, relevant))
        return masked_mean(elements, observed * relevant)

    def objective(self, losses, state):
        # A dropped loss may be NaN: 0 times NaN is NaN, so select instead of multiplying.
        kept = tf.where(fixed(self, losses, "mask") > 0, losses, tf.zeros_like(losses))
        return tf.reduce_sum(kept), state
