"""UPGrad: project every gradient to where nothing conflicts, then average."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy
from .core.gram import finish, unit
from .core.solvers import nonnegative


class UPGrad(GramStrategy):
    """Unconflicting projection of gradients: u = 1/K sum_i P(g_i).

    P is the projection onto the dual cone {v : <g_j, v> >= 0 for all j}. On unit gradients q with
    cosines C, P(q_i) = q_i + sum_j x_j q_j, where x >= 0 minimises x'Cx / 2 + (C e_i)'x. The K
    problems are solved exactly, as one batch.

    Promised: non-conflicting, linear when rows are rescaled, permutation equivariant: no other
    method here is all three. Equal to the mean where no two gradients conflict.
    Edge cases: a zero row changes nothing (weight 1/K); opposite rows force u to be orthogonal to
    them; colinear rows share their weight in one of many ways, u is unique.

    Differences: TorchJD and LibMTL divide the Gram matrix by its trace and add 1e-4 to its
    diagonal: gradients below 0.01 become the plain mean, and rows 100 times shorter than the
    longest are conflicted with. Here nothing is added.

    Reference: Quinton & Rey 2024, arXiv 2406.16232.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("upgrad", [[1.0, 0.0], [-1.0, 1.0]]).direction.numpy().tolist()
        [0.25, 0.75]
    """

    reference = "Quinton & Rey 2024, arXiv 2406.16232"
    promises = ("permutation_equivariant", "non_conflicting", "linear_under_scaling")

    def weights(self, gram, losses, state):
        rows = unit(gram)
        # Column i repairs gradient i.
        repairs = nonnegative(rows.cosines, rows.cosines, rows.tolerance)
        added = tf.linalg.matvec(repairs, rows.norms)
        return finish((1 + rows.per_norm(added)) / gram.shape[0], gram), state
