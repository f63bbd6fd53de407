"""Dynamic weight average: losses that fall slowly gain weight."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Range, at_least, positive
from .core.learned import weighted_sum


class DWA(LossStrategy):
    """Weights K softmax_i(r_i / T) with r_i = L_i(e - 1) / L_i(e - 2) of epoch mean losses.

    Weights are constant within an epoch and 1 in the first two.

    State, each (K,): steps, how many there have been; total, the sum of the losses of this epoch;
    last and previous, the means of the two epochs before.

    Hyperparameters:
        temperature: T; the larger, the more equal.
        window: steps per epoch. A strategy does not see epochs, so say how long one is.

    Edge cases: a previous mean of 0 counts as no change (r = 1); losses that change sign have no
    meaningful ratio. Difference: nash-mtl's code averages windows of 25 steps.

    Raises:
        ValueError: the temperature is not above 0; the window is not a whole number from 1.

    Reference: Liu, S. et al. 2019, "End-to-End Multi-Task Learning with Attention" (arXiv
    1803.10704).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("dwa", [[1.0, 0.0], [0.0, 2.0]], [1.0, 3.0]).weights.numpy().tolist()
        [1.0, 1.0]
    """

    reference = "Liu, S. et al. 2019, arXiv 1803.10704"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True
    search_space = {"temperature": Range(0.5, 8.0, log=True)}

    temperature: float = 2.0
    window: int = 50

    def __post_init__(self):
        super().__post_init__()
        positive(self, "temperature")
        at_least(self, "window", 1)
        if type(self.window) is not int:
            raise ValueError(f"{self.name}: window is a whole number of steps; got {self.window!r}")

    def init(self, num_losses):
        return {
            "steps": tf.zeros((num_losses,), tf.int32),
            "total": tf.zeros((num_losses,)),
            "last": tf.zeros((num_losses,)),
            "previous": tf.zeros((num_losses,)),
        }

    def objective(self, losses, state):
        steps, total, last, previous = (state[k] for k in ("steps", "total", "last", "previous"))
        begins = (steps % self.window == 0) & (steps > 0)
        previous = tf.where(begins, last, previous)
        last = tf.where(begins, total / self.window, last)
        total = tf.where(begins, tf.zeros_like(total), total) + tf.stop_gradient(losses)
        known = (steps >= 2 * self.window) & (previous != 0)
        ratio = tf.where(known, last / tf.where(known, previous, 1), tf.ones_like(last))
        num_losses = losses.shape[0]
        weights = num_losses * tf.nn.softmax(ratio / self.temperature)
        state = {"steps": steps + 1, "total": total, "last": last, "previous": previous}
        return weighted_sum(weights, losses), state
