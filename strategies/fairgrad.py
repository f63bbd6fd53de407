"""FairGrad: alpha-fair shares of the improvement."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy, Range, at_least
from .core.balance import balance
from .core.fixed import scalar
from .core.gram import finish, unit


class FairGrad(GramStrategy):
    """Alpha-fair resource allocation: u = sum_i w_i g_i with w > 0 and G w = w**(-1/alpha).

    u maximises the alpha-fair utility sum_i <g_i, u>**(1-alpha) / (1-alpha) over a ball. alpha = 1
    is Nash-MTL; a larger alpha favours the loss that improves least. On the cosines C, with
    p = 1/alpha and lengths d, the equation is C y = d**(p-1) / y**p with w_i = y_i / d_i; it is
    solved by Newton's method.

    Scale: combine(s J) = s**((1-alpha) / (1+alpha)) combine(J): the degree depends on alpha.
    Accuracy: machine precision for alpha from 0.5 to 2 at any scale. The further alpha is from 1,
    the slower Newton's method is on badly scaled gradients; hence the bounds on alpha.
    Edge cases: K = 1 returns the gradient. A zero row gets weight 0 and the others share. Where
    some convex combination of the gradients is 0, to within the rounding of the input, or where
    Newton's method has not converged to 1e-5, there is no answer: weights 0, a zero update.

    Differences: TorchJD and LibMTL start a general solver at 1/K and fail for gradients of length
    0.001. The authors' code clips the norm to 1 and multiplies by K; here the solution is returned
    as it is.

    Reference: Ban & Ji 2024, arXiv 2402.15638.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("fairgrad", [[2.0, 0.0], [0.0, 0.1]]).weights.numpy().round(3).tolist()
        [0.5, 10.0]
    """

    reference = "Ban & Ji 2024, arXiv 2402.15638"
    promises = ("permutation_equivariant", "non_conflicting")
    search_space = {"alpha": Range(0.5, 2.0, log=True)}

    alpha: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        at_least(self, "alpha", 0.2, 10)

    @property
    def degree(self):
        """The power of the gradients' scale in the update: 0 for alpha = 1."""
        return (1 - self.alpha) / (1 + self.alpha)

    def weights(self, gram, losses, state):
        if gram.shape[0] == 1:
            return finish(tf.ones((1,), tf.float64), gram), state
        rows = unit(gram)
        fixed = isinstance(self.alpha, (int, float))
        power = 1 / (float(self.alpha) if fixed else scalar(self.alpha, tf.float64))
        steps = 14 if fixed and self.alpha == 1 else 32
        taking_part = tf.cast(~rows.zero, tf.float64)
        logs = tf.math.log(rows.safe_norms)
        middle = tf.math.divide_no_nan(
            tf.reduce_sum(logs * taking_part), tf.reduce_sum(taking_part)
        )
        lengths = tf.where(rows.zero, tf.ones_like(logs), tf.exp(logs - middle))
        shares = lengths ** (power - 1)
        y = balance(rows.cosines, shares, power, rows.tolerance / 2, steps)
        scale = tf.exp(-2 / (1 + power) * middle)
        weights = tf.where(rows.zero, tf.zeros_like(y), y / lengths * scale)
        return finish(weights, gram), state
