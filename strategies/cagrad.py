"""CAGrad: the best worst case in a ball around the mean gradient."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy, Range, at_least
from .core.fixed import scalar
from .core.gram import finish, unit
from .core.solvers import worst_case


class CAGrad(GramStrategy):
    """Conflict-averse gradient: argmax over u of min_i <g_i, u> with |u - g0| <= c |g0|.

    g0 is the mean gradient. Equivalently u = g0 + c |g0| g_w / |g_w|, where g_w = sum_i w_i g_i
    and w minimises <g_w, g0> + c |g0| |g_w| over the simplex. Reported are the weights of u:
    1/K + c |g0| w_i / |g_w|. Solved exactly: on the right support, w has a closed form.

    c = 0 is the mean; from c = 1 on u conflicts with no gradient; a large c points as MGDA does.
    Edge cases: K = 1 returns the gradient. Where no direction helps all losses (a zero row,
    opposite rows) g_w is 0 and the maximum 0 is reached by many u: the u nearest to g0 is
    returned, that is g0 projected as in `dualproj`. The formula is 0/0 there.

    Differences: this is TorchJD's scale; LibMTL divides by 1 + c^2, the authors' code too, and then
    multiplies by K. TorchJD returns 0 for gradients below 0.01 or badly scaled; LibMTL is wrong by
    half at lengths of 0.01. Here all scales are exact.

    Reference: Liu et al. 2021, arXiv 2110.14048.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("cagrad", [[1.0, 0.0], [0.0, 1.0]]).direction.numpy().round(3).tolist()
        [0.75, 0.75]
    """

    reference = "Liu et al. 2021, arXiv 2110.14048"
    promises = ("permutation_equivariant",)
    search_space = {"c": Range(0.1, 0.9)}

    c: float = 0.5

    def __post_init__(self):
        super().__post_init__()
        at_least(self, "c", 0)

    def weights(self, gram, losses, state):
        size = gram.shape[0]
        if size == 1:
            return finish(tf.ones((1,), tf.float64), gram), state
        rows = unit(gram)
        radius = scalar(self.c, tf.float64)
        longest = tf.reduce_max(rows.safe_norms)
        towards = tf.linalg.matvec(rows.cosines, rows.norms / longest) / size
        square = tf.reduce_sum(towards * rows.norms / longest) / size
        length = tf.sqrt(tf.maximum(square, 0))
        shortest = tf.reduce_min(tf.where(~rows.zero, rows.norms, float("inf")))
        slope = tf.where(rows.zero, tf.zeros_like(rows.norms), shortest / rows.safe_norms)
        # In units of |g0|.
        cosines = towards / tf.where(length > 0, length, 1)
        added = worst_case(rows.cosines, cosines, slope, radius, rows.tolerance)
        return finish(1 / size + rows.per_norm(added * length * longest), gram), state
