"""ReLoBRaLo: relative loss balancing with random lookback."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Noise, Range, at_least, positive
from .core.learned import weighted_sum


class ReLoBRaLo(LossStrategy):
    """Weights a (rho w + (1 - rho) h(0)) + (1 - a) h(t - 1), w those of the step before.

    h(t') = K softmax_i(l_i(t) / (T l_i(t'))) compares the losses now with those of step t'; rho is
    1 with probability E[rho], else 0: then the history is dropped for a look back to the start.
    Weights sum to K and are 1 at the first step.

    State: weights w, first and last losses (K,), 0 where there has been none.
    Noise: uniform (); rho = 1 where it is below E[rho].

    Hyperparameters:
        alpha: a, how slowly weights change.
        temperature: T; the larger, the more equal.
        expected_rho: E[rho].

    Edge cases: against a past loss of 0 a loss counts as unchanged, and the first one that is not 0
    is the start. Sources differ in defaults: 0.999, 1, 1 in
    the authors' code, where the start is never looked at again; 0.95, 1, 0.99 in PhysicsNeMo (the
    defaults here).

    Raises:
        ValueError: alpha or expected_rho is outside [0, 1]; the temperature is not above 0.

    Reference: Bischof and Kraus 2021, "Multi-Objective Loss Balancing for Physics-Informed Deep
    Learning" (arXiv 2110.09813).

    Example:
        >>> from lossbench.strategies import combine
        >>> rows = [[1.0, 0.0], [0.0, 2.0]]
        >>> combine("relobralo", rows, [1.0, 3.0], noise=0.5).weights.numpy().tolist()
        [1.0, 1.0]
    """

    reference = "Bischof and Kraus 2021, arXiv 2110.09813"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True
    search_space = {"alpha": Range(0.5, 0.999), "temperature": Range(0.1, 10.0, log=True)}

    alpha: float = 0.95
    temperature: float = 1.0
    expected_rho: float = 0.99

    def __post_init__(self):
        super().__post_init__()
        at_least(self, "alpha", 0, 1)
        positive(self, "temperature")
        at_least(self, "expected_rho", 0, 1)

    def init(self, num_losses):
        ones = tf.ones((num_losses,))
        zeros = tf.zeros((num_losses,))
        return {"weights": ones, "first": zeros, "last": zeros}

    def noise(self, num_losses, num_parameters):
        return Noise("uniform", ())

    def objective(self, losses, state, noise):
        now, started = tf.stop_gradient(losses), state["first"] != 0
        first = tf.where(started, state["first"], now)
        kept = tf.where(noise < self.expected_rho, state["weights"], self._against(now, first))
        weights = self.alpha * kept + (1 - self.alpha) * self._against(now, state["last"])
        weights = tf.where(started, weights, tf.ones_like(weights))
        state = {"weights": weights, "first": first, "last": now}
        return weighted_sum(weights, losses), state

    def _against(self, now, then):
        known = then != 0
        ratio = tf.where(known, now / tf.where(known, then, 1), tf.ones_like(now))
        return now.shape[0] * tf.nn.softmax(ratio / self.temperature)
