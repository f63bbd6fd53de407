"""Clip the global norm of the combined gradient."""

from __future__ import annotations

import tensorflow as tf

from .core import Range, positive
from .core.wrapper import Wrapper

# What holds for a direction holds for a positive multiple of it.
_KEPT = (
    "permutation_equivariant",
    "non_conflicting",
    "non_conflicting_for_two",
    "equal_cosines",
    "equal_projections",
)


class Clipped(Wrapper):
    """Combine as the strategy `of` does, then shorten the update u to norm c: u min(1, c / |u|).

    The norm is the global one, over all variables that are trained. One factor for all losses
    changes nothing in their balance: clipping the sum does not keep "single-loss gradients from
    dominating" (document 004); `clipped_per_loss` does. Under Adam a factor that stays the same
    from step to step cancels as well.

    Hyperparameters:
        of: any strategy: a name, a call such as "weighted(weights=(1, 0.5))", or an object.
        max_norm: c.

    Edge cases: u = 0 stays 0, shorter vectors are untouched, a NaN stays NaN.

    Raises:
        ValueError: max_norm is not above 0, or `of` is no strategy.

    Reference: document 004, third example (`tf.clip_by_global_norm`); Pascanu et al. 2013 (arXiv
    1211.5063).

    Example:
        >>> from lossbench.strategies import combine, get
        >>> clipped = get("clipped", max_norm=1.0)
        >>> combine(clipped, [[1.0, 0.0], [2.0, 4.0]]).direction.numpy().round(3)
        array([0.6, 0.8], dtype=float32)
    """

    reference = "document 004, third example; Pascanu et al. 2013, arXiv 1211.5063"
    degree = None
    search_space = {"max_norm": Range(0.01, 10.0, log=True)}

    max_norm: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        positive(self, "max_norm")

    @property
    def promises(self):
        """Those of the inner strategy that survive a positive factor."""
        return tuple(promise for promise in self.inner.promises if promise in _KEPT)

    def scale(self, norm):
        inner = self.inner.scale(norm)
        if inner is not None:
            norm *= inner
        over = norm > self.max_norm
        factor = tf.where(over, self.max_norm / tf.where(over, norm, 1), tf.ones_like(norm))
        return factor if inner is None else inner * factor
