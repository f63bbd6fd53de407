"""FAMO: balanced relative progress from loss values alone."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Range, at_least, positive
from .core.fixed import check_fixed, fixed

BETA_1, BETA_2, SMALL = 0.9, 0.999, 1e-8  # Adam's, as in all implementations


class FAMO(LossStrategy):
    """Minimise sum_i z_i log(D_i) / c with z = softmax(w), D = l - b + 1e-8, c = sum_i z_i / D_i.

    Weights z_i / (c D_i); they sum to 1. After the update of the model, the losses of the same
    batch are taken again (one forward pass) and w takes one step of Adam along
    diag(z) (1 - 1 z') delta, delta_i = log D_i(before) - log D_i(after), plus weight decay: losses
    that fell less gain weight.

    State: w (K,), Adam's first and second moments (K,), the numbers of its steps (K,).

    Hyperparameters:
        learning_rate: of w.
        weight_decay: added to the gradient as decay * w. Sources differ: 1e-3 in LibMTL and the
            paper's Algorithm 2 (the default), 1e-2 and 1e-5 in the authors' two codes.
        lower: b, K numbers below the losses, or None for zeros.

    Edge cases: a loss below b gives NaN. Should the second forward pass draw another dropout mask,
    its noise enters delta. Difference: the authors' code also clips the gradient to norm 1; use
    `clipped(of="famo")`.

    Raises:
        ValueError: a rate is not above 0, a decay is negative, lower is not one number per loss.

    Reference: Liu, B. et al. 2023, "FAMO: Fast Adaptive Multitask Optimization" (arXiv 2306.03792).

    Example:
        >>> from lossbench.strategies import combine
        >>> made = combine("famo", [[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0])
        >>> made.weights.numpy().tolist()
        [0.5, 0.5]

        The state changes after the step, from the losses of the same batch:

        >>> import tensorflow as tf
        >>> before, after = tf.constant([1.0, 1.0]), tf.constant([0.5, 0.9])
        >>> FAMO().after_update(before, after, made.state)["w"].numpy().round(3)
        array([-0.025,  0.025], dtype=float32)
    """

    reference = "Liu, B. et al. 2023, arXiv 2306.03792"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True
    search_space = {
        "learning_rate": Range(1e-3, 0.3, log=True),
        "weight_decay": Range(1e-5, 1e-1, log=True),
    }

    learning_rate: float = 0.025
    weight_decay: float = 1e-3
    lower: tuple[float, ...] | None = None

    def __post_init__(self):
        super().__post_init__()
        positive(self, "learning_rate")
        at_least(self, "weight_decay", 0)
        check_fixed(self, "lower")

    def init(self, num_losses):
        zeros = tf.zeros((num_losses,))
        return {
            "w": zeros,
            "mean": zeros,
            "square": zeros,
            "steps": tf.zeros((num_losses,), tf.int32),
        }

    def objective(self, losses, state):
        z, above = tf.nn.softmax(state["w"]), self._above(losses)
        normaliser = tf.stop_gradient(tf.reduce_sum(z / above))
        return tf.reduce_sum(z * tf.math.log(above)) / normaliser, state

    def after_update(self, losses_before, losses_after, state):
        w, z = state["w"], tf.nn.softmax(state["w"])
        progress = tf.math.log(self._above(losses_before)) - tf.math.log(self._above(losses_after))
        gradient = z * (progress - tf.reduce_sum(z * progress)) + self.weight_decay * w
        steps = state["steps"] + 1
        power = tf.cast(steps, w.dtype)
        mean = BETA_1 * state["mean"] + (1 - BETA_1) * gradient
        square = BETA_2 * state["square"] + (1 - BETA_2) * gradient**2
        length = tf.sqrt(square / (1 - BETA_2**power))
        unbiased = mean / (1 - BETA_1**power)
        w -= self.learning_rate * unbiased / (length + SMALL)
        return {"w": w, "mean": mean, "square": square, "steps": steps}

    def _above(self, losses):
        return losses - fixed(self, losses, "lower", default=0.0) + SMALL
