"""MGDA: the shortest vector in the convex hull of the gradients."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy
from .core.gram import finish, unit
from .core.solvers import nonnegative

NORMALIZATIONS = ("none", "l2", "loss", "loss+")


class MGDA(GramStrategy):
    """Multiple-gradient descent: u = sum_i w_i g_i / n_i, w = argmin |u| over the simplex.

    n_i is 1 ("none"), |g_i| ("l2"), l_i ("loss") or l_i |g_i| ("loss+"). Solved exactly: y >= 0
    minimises y'(C + ee')y / 2 - e'y on the cosines C, with e_i inversely proportional to
    |g_i / n_i|, and w_i ~ e_i y_i; the rank-one term is exact, no penalty. Reported are w_i / n_i.

    Promised: <g_i, u> >= 0 for every i, and u = 0 if and only if the point is Pareto stationary.
    Edge cases: the shortest gradient rules, so a zero row makes u = 0 (its weight is 1, shared by
    all zero rows); opposite rows make u = 0. Where rows depend on each other w is not unique, u is.
    "loss" and "loss+" need losses above 0 and give NaN otherwise.

    Differences: the authors' code and LibMTL iterate (Frank-Wolfe) and are off by up to 0.2; with
    two losses they clamp w to 0.001 and 0.999. The authors' code applies w to the gradients that
    are not normalised, which can conflict; LibMTL, as here, to the normalised ones.

    Reference: Desideri 2012; Sener & Koltun 2018, arXiv 1810.04650.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("mgda", [[1.0, 0.0], [-1.0, 2.0]]).weights.numpy().tolist()
        [0.75, 0.25]
    """

    reference = "Sener & Koltun 2018, arXiv 1810.04650"
    promises = ("permutation_equivariant", "non_conflicting", "minimum_norm")

    normalization: str = "none"

    def __post_init__(self):
        super().__post_init__()
        if self.normalization not in NORMALIZATIONS:
            raise ValueError(
                f"{self.name}: normalization is one of {', '.join(NORMALIZATIONS)}; "
                f"got {self.normalization!r}"
            )

    @property
    def needs_losses(self):
        return "loss" in self.normalization

    @property
    def degree(self):
        """1, or 0 where each gradient is divided by its own length."""
        return 1.0 if self.normalization in ("none", "loss") else 0.0

    def weights(self, gram, losses, state):
        rows = unit(gram)
        scale = tf.ones_like(rows.norms)
        if self.needs_losses:
            losses = tf.cast(losses, tf.float64)
            losses = tf.where(losses > 0, losses, float("nan"))
            scale *= losses
        if self.normalization in ("l2", "loss+"):
            scale *= rows.safe_norms
        lengths = rows.safe_norms / scale
        steep = tf.reduce_min(tf.where(~rows.zero, lengths, float("inf"))) / lengths
        steep = tf.where(rows.zero, tf.zeros_like(steep), steep)
        hull = rows.cosines + steep[:, None] * steep[None, :]
        shares = steep * nonnegative(hull, -steep[:, None], rows.tolerance)[:, 0]
        shares = tf.where(tf.reduce_any(rows.zero), tf.cast(rows.zero, tf.float64), shares)
        weights = tf.math.divide_no_nan(shares, tf.reduce_sum(shares)) / scale
        return finish(weights, gram, scale), state
