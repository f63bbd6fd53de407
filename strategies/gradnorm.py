"""GradNorm: weights that learn to balance the lengths of the gradients."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy, Range, finite, positive
from .core.fixed import scalar
from .core.gram import finish, unit

FORMS = ("paper", "softmax")
LONGEST = 12.0  # in rates: how far the logarithm of a weight moves in a step, at most
LEAST = 1e-12  # of a weight of form "paper": from 0 there would be no way back


class GradNorm(GramStrategy):
    """Gradient normalisation: u = sum_i w_i g_i, where w descends on |w_i |g_i| - target_i|.

    target_i = r_i**alpha * mean_j w_j |g_j|, held constant, with the relative training rate
    r_i = (l_i / l_i(0)) / mean_j (l_j / l_j(0)). The gradient by w_i is sign(.) |g_i|: a closed
    form, no second backward pass. The step uses w, then one step of size `learning_rate` is taken:
    form "paper": on w itself, renormalised to sum to K;
    form "softmax": on logits s, w = K softmax(s), as in LibMTL.
    A step changes log w_i (or s_i) by at most 12 times the rate, and w_i by at most a half of it:
    gradients of 1e5 would throw the weights from one end to the other, at every step, for ever.

    State: what is learned (w or s), and the first loss above 0 of each head; 0 until there is one.
    The gradients g_i are those by the shared parameters (the paper takes the last shared layer).
    Edge cases: a zero row learns nothing. A loss counts as its own first one (r_i = 1 before the
    mean is taken) until one above 0 has come.

    Differences: the bound on a step, which the paper does not have: it says neither what happens at
    w < 0 nor with long gradients. LibMTL lets the model's optimizer, weight decay included, train
    the logits.

    Reference: Chen et al. 2018, arXiv 1711.02257.

    Example:
        >>> from lossbench.strategies import combine
        >>> made = combine("gradnorm", [[2.0, 0.0], [0.0, 1.0]], losses=[1.0, 1.0])
        >>> made.weights.numpy().tolist()  # the next ones are about 0.96 and 1.04
        [1.0, 1.0]
    """

    reference = "Chen et al. 2018, arXiv 1711.02257"
    promises = ("permutation_equivariant",)
    degree = None  # the first step has degree 1; what is learned depends on the gradients' scale
    needs_losses = True
    search_space = {"alpha": Range(0.0, 3.0), "learning_rate": Range(0.001, 0.1, log=True)}

    alpha: float = 1.5
    learning_rate: float = 0.025
    form: str = "paper"

    def __post_init__(self):
        super().__post_init__()
        finite(self, "alpha")
        positive(self, "learning_rate")
        if self.form not in FORMS:
            raise ValueError(f"{self.name}: form is one of {', '.join(FORMS)}; got {self.form!r}")

    def init(self, num_losses):
        learned = tf.ones if self.form == "paper" else tf.zeros
        return {
            "learned": learned((num_losses,)),
            "first_losses": tf.zeros((num_losses,)),
        }

    def weights(self, gram, losses, state):
        size = gram.shape[0]
        learned, first = (tf.cast(state[key], tf.float64) for key in ("learned", "first_losses"))
        wide = tf.cast(losses, tf.float64)
        first = tf.where(first > 0, first, tf.maximum(wide, 0))
        weights = learned if self.form == "paper" else size * tf.nn.softmax(learned)
        norms = unit(gram).norms
        known = first > 0
        ratios = tf.where(known, wide / tf.where(known, first, 1), tf.ones_like(wide))
        rates = ratios / tf.reduce_mean(ratios)
        target = tf.reduce_mean(weights * norms) * rates ** scalar(self.alpha, tf.float64)
        slope = tf.sign(weights * norms - target) * norms
        rate = scalar(self.learning_rate, tf.float64)
        if self.form == "paper":
            longest = tf.minimum(LONGEST * rate, 0.5) * learned
            learned -= tf.clip_by_value(rate * slope, -longest, longest)
            learned = tf.maximum(learned, LEAST)
            learned *= size / tf.reduce_sum(learned)
        else:
            inner = tf.reduce_sum(slope * weights) / size
            slope = weights * (slope - inner)
            learned -= rate * tf.clip_by_value(slope, -LONGEST, LONGEST)
        dtype = state["learned"].dtype
        state = {
            "learned": tf.cast(learned, dtype),
            "first_losses": tf.cast(first, dtype),
        }
        return finish(weights, gram, wide), state
