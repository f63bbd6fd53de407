"""Nash-MTL: the Nash bargaining solution between the losses."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy, positive
from .core.balance import balance
from .core.fixed import scalar
from .core.gram import finish, unit


class NashMTL(GramStrategy):
    """Nash bargaining: u = sum_i a_i g_i with a > 0 and G a = 1 / a, elementwise.

    u maximises sum_i log <g_i, u> over a ball; the gradients' lengths have no influence on it. On
    the cosines C the equation is C y = 1 / y with a_i = y_i / |g_i|, solved by Newton's method to
    machine precision.

    Properties: a_i <g_i, u> = 1 and so |u|^2 = K, whatever the gradients' lengths: the learning
    rate alone decides the length of a step. `max_norm` clips it, as the authors do with 1.

    Edge cases: K = 1 is no bargain, and returns the gradient. A zero row has nothing at stake: it
    gets weight 0 and the others bargain. Where some convex combination of the gradients is 0
    (opposite rows, a Pareto-stationary point), to within the rounding of the input, there is no
    agreement, and the disagreement point is returned: weights 0, a zero update.

    Differences: the authors' code, LibMTL and TorchJD linearise with an external solver and return
    a = 1, the plain sum, without a word when it fails, on half of well-scaled conflicting inputs.
    They clip to norm 1 by default; here the solution is returned as it is.

    Reference: Navon et al. 2022, arXiv 2202.01017.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("nash_mtl", [[2.0, 0.0], [0.0, 0.1]]).weights.numpy().round(3).tolist()
        [0.5, 10.0]
    """

    reference = "Navon et al. 2022, arXiv 2202.01017"
    promises = (
        "permutation_equivariant",
        "non_conflicting",
        "row_scale_invariant",
        "bargaining",
    )
    degree = 0.0

    max_norm: float | None = None

    def __post_init__(self):
        super().__post_init__()
        if self.max_norm is not None:
            positive(self, "max_norm")

    def idle(self, situation):
        return "one loss has nobody to bargain with" if situation.losses < 2 else ""

    def weights(self, gram, losses, state):
        size = gram.shape[0]
        if size < 2:
            return finish(tf.ones((1,), tf.float64), gram), state
        rows = unit(gram)
        y = balance(rows.cosines, tf.ones_like(rows.norms), 1.0, rows.tolerance / 2, steps=14)
        if self.max_norm is not None:
            # |u|^2 is the number of losses that take part.
            count = tf.reduce_sum(tf.cast(~rows.zero, tf.float64))
            bound = scalar(self.max_norm, tf.float64)
            y *= tf.minimum(bound / tf.sqrt(tf.maximum(count, 1)), 1)
        return finish(rows.per_norm(y), gram), state
