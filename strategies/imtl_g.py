"""IMTL-G: the combination with equal projections on all gradients."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy
from .core.elimination import solve
from .core.gram import finish, unit
from .core.spectral import least_norm


class IMTLG(GramStrategy):
    """Impartial gradients: weights that sum to 1 and make <u, g_i> / |g_i| the same for all i.

    With lengths d and cosines C: w ~ C^-1 1 / d.

    Promised: equal projections (for independent gradients), whatever the gradients' lengths.
    Weights can be negative. The projections can then be negative too, so that u conflicts with
    every gradient; their common sign depends on the lengths (`config` keeps it positive).
    Edge cases: a zero row gets weight 0. Where C is singular (colinear or opposite rows, more
    losses than parameters) w ~ G^+ d, the least-squares solution of least length, as in TorchJD;
    exact equality is then out of reach in general. Weights whose sum is 0 to within rounding (two
    opposite rows) become zeros: a zero update.

    Differences: LibMTL inverts the matrix and raises or returns NaN for dependent rows. TorchJD
    decides the rank on G, which cuts off short rows; here it is decided on C.

    Reference: Liu et al. 2021, "Towards Impartial Multi-task Learning" (ICLR).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("imtl_g", [[3.0, 0.0], [0.0, 1.0]]).weights.numpy().tolist()
        [0.25, 0.75]
    """

    reference = "Liu et al. 2021, ICLR (Towards Impartial Multi-task Learning)"
    promises = ("permutation_equivariant", "equal_projections")

    def weights(self, gram, losses, state):
        rows = unit(gram)
        present = tf.cast(~rows.zero, tf.float64)
        shortest = tf.reduce_min(tf.where(~rows.zero, rows.norms, float("inf")))
        lengths = tf.where(rows.zero, tf.zeros_like(rows.norms), rows.norms / shortest)
        dependent, rank = least_norm(rows, lengths, lengths)
        y = solve(rows.cosines, present[:, None], rows.tolerance)[:, 0]
        independent = tf.math.divide_no_nan(y * present, lengths)
        # Both are the same for independent rows; the first is good for any lengths.
        weights = tf.where(rank >= tf.reduce_sum(present), independent, dependent)
        total = tf.reduce_sum(weights)
        vanishes = tf.abs(total) <= rows.tolerance * tf.reduce_sum(tf.abs(weights))
        weights = tf.where(vanishes, tf.zeros_like(weights), weights / total)
        return finish(weights, gram), state
