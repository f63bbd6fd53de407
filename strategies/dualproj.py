"""DualProj: project the mean gradient to where nothing conflicts."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy
from .core.gram import finish, unit
from .core.solvers import nonnegative


class DualProj(GramStrategy):
    """Dual-cone projection: u = P(1/K sum_i g_i), P the projection onto {v : <g_j, v> >= 0}.

    Solved exactly on the cosines C: u = mean + sum_j x_j g_j / |g_j|, where x >= 0 minimises
    x'Cx / 2 + (C d / K)'x for the gradients' lengths d. Gradient episodic memory (GEM) projects
    this way.

    Promised: non-conflicting. Equal to the mean where the mean conflicts with no gradient.
    Edge cases: a zero row changes nothing (weight 1/K); opposite rows force u to be orthogonal to
    them; colinear rows share their weight in one of many ways, u is unique.

    Differences: TorchJD adds 1e-4 to the diagonal of the Gram matrix divided by its trace, and so
    conflicts with rows 100 times shorter than the longest. Here nothing is added.

    Reference: Lopez-Paz & Ranzato 2017, arXiv 1706.08840.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("dualproj", [[1.0, 0.0], [-2.0, 1.0]]).direction.numpy().tolist()
        [0.0, 0.5]
    """

    reference = "Lopez-Paz & Ranzato 2017, arXiv 1706.08840"
    promises = ("permutation_equivariant", "non_conflicting")

    def weights(self, gram, losses, state):
        rows = unit(gram)
        longest = tf.reduce_max(rows.safe_norms)
        towards = tf.linalg.matvec(rows.cosines, rows.norms / longest)
        repair = nonnegative(rows.cosines, towards[:, None], rows.tolerance)[:, 0]
        return finish((1 + rows.per_norm(repair * longest)) / gram.shape[0], gram), state
