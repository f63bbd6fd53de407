"""Relevant outputs count more than the others."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Range, at_least, masked_mean


class Subset(LossStrategy):
    """Weigh all outputs by 1 - w and the relevant ones by w on top: 0.2 * all + 0.8 * subset.

    Loss i is (1 - w) mean(all of its elements) + w mean(its relevant elements), over observed
    elements both times; then the losses are added. The same rule for whole losses: those named in
    `losses` count (1 - w) + w = 1, the others 1 - w.

    Hyperparameters:
        weight: w, from 0 (the plain mean) to 1 (the subset alone).
        losses: indices of the losses in the subset, or None for all of them.

    Edge cases: a loss without a relevant observed element keeps its first term. Difference: the
    code of document 001 applies its weights twice, inside the loss and as `loss_weights`, which
    makes 0.36 and 0.64; its prose says 0.2 and 0.8, and so does this.

    Raises:
        ValueError: the weight is outside [0, 1]; an index is not one of a loss.

    Reference: document 001, example 1.

    Example:
        >>> from lossbench.strategies import combine, get
        >>> rows = [[1.0, 0.0], [0.0, 2.0]]
        >>> combine(get("subset", losses=(0,)), rows).direction.numpy().round(3)
        array([1. , 0.4], dtype=float32)
    """

    reference = "document 001, example 1"
    promises = ("linear_under_scaling",)
    roles = True
    search_space = {"weight": Range(0.0, 1.0)}

    weight: float = 0.8
    losses: tuple[int, ...] | None = None

    def __post_init__(self):
        super().__post_init__()
        at_least(self, "weight", 0, 1)
        if self.losses is not None and not (
            isinstance(self.losses, (tuple, list))
            and all(type(index) is int and index >= 0 for index in self.losses)
        ):
            raise ValueError(
                f"{self.name}: losses is None or the indices of losses; got {self.losses!r}"
            )

    def idle(self, situation):
        alone = not situation.relevant and self.losses is None
        return "no outputs or losses that matter more" if alone else ""

    def reduce(self, elements, observed, relevant):
        observed, relevant = (tf.cast(mask, elements.dtype) for mask in (observed, relevant))
        everything = masked_mean(elements, observed)
        inside = masked_mean(elements, observed * relevant)
        return (1 - self.weight) * everything + self.weight * inside

    def objective(self, losses, state):
        num_losses = losses.shape[0]
        chosen = range(num_losses) if self.losses is None else self.losses
        if any(index >= num_losses for index in chosen):
            raise ValueError(
                f"{self.name}: losses are indices below {num_losses}, the number of losses; "
                f"got {self.losses!r}"
            )
        inside = tf.constant([1.0 if i in chosen else 0.0 for i in range(num_losses)], losses.dtype)
        return tf.reduce_sum((1 - self.weight * (1 - inside)) * losses), state
