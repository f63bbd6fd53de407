"""The gradient of each loss taken separately, then added with weights."""

from __future__ import annotations

from .core import GradientStrategy
from .core.fixed import check_fixed, fixed


class SeparateGradients(GradientStrategy):
    """Take K gradients, then add them: sum_i w_i g_i.

    Document 002 holds that summing the losses first "is not the way". Differentiation is linear,
    so this is the direction of `weighted` to the last rounding, at K backward passes instead of
    one; the strategy is here to measure that it buys nothing. Separate gradients pay only where
    the merge is not linear (`clipped_per_loss`, `pcgrad`).

    Hyperparameters:
        weights: K numbers, or None for ones.

    Raises:
        ValueError: weights are not finite, or not one per loss.

    Reference: document 002.

    Example:
        >>> from lossbench.strategies import combine, get
        >>> separate = get("separate_gradients", weights=(1.0, 0.5))
        >>> combine(separate, [[1.0, 0.0], [0.0, 2.0]]).direction.numpy().tolist()
        [1.0, 1.0]
    """

    reference = "document 002"
    promises = ("linear_under_scaling",)

    weights: tuple[float, ...] | None = None

    def __post_init__(self):
        super().__post_init__()
        check_fixed(self)

    def weigh(self, gradients, losses, state):
        return fixed(self, losses), state
