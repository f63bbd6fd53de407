"""Smooth Tchebycheff scalarisation: a soft maximum of the losses."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy, Range, positive
from .core.fixed import check_fixed, fixed


class STCH(LossStrategy):
    """Minimise mu log sum_i exp(lambda_i (l_i - z_i) / mu).

    Weights lambda_i softmax_i(lambda_i (l_i - z_i) / mu). mu to 0 is `max` of the scaled losses,
    mu to infinity the weighted sum; it reaches points of a front that no weighted sum does.

    Hyperparameters:
        mu: the smoothing, in units of the losses.
        preference: lambda, K numbers, or None for 1/K each.
        ideal: z, K numbers below the losses, or None for zeros.

    Edge cases: none; the sum of exponentials does not overflow. Differences: with lambda = 1/K the
    weights sum to 1/K, so compare with `rescale="sum_to_k"`; the authors' multi-task code is
    another method (logarithms over the losses at the end of a warm-up).

    Raises:
        ValueError: mu is not above 0; preference or ideal are not finite, or not one per loss.

    Reference: Lin, X. et al. 2024, "Smooth Tchebycheff Scalarization for Multi-Objective
    Optimization" (arXiv 2402.19078).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("stch", [[1.0, 0.0], [0.0, 2.0]], [2.0, 2.0]).weights.numpy().tolist()
        [0.25, 0.25]
    """

    reference = "Lin, X. et al. 2024, arXiv 2402.19078"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True
    search_space = {"mu": Range(0.01, 10.0, log=True)}

    mu: float = 1.0
    preference: tuple[float, ...] | None = None
    ideal: tuple[float, ...] | None = None

    def __post_init__(self):
        super().__post_init__()
        positive(self, "mu")
        check_fixed(self, "preference")
        check_fixed(self, "ideal")

    def objective(self, losses, state):
        preference = fixed(self, losses, "preference", default=1 / losses.shape[0])
        above = losses - fixed(self, losses, "ideal", default=0.0)
        return self.mu * tf.reduce_logsumexp(preference * above / self.mu), state
