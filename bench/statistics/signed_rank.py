"""How probable it is that one strategy is practically better than another on a further task."""

from __future__ import annotations

import numpy as np

from .equivalence import ROPE

PRIOR = 0.5
DRAWS = 20_000


def signed_rank(
    differences: np.ndarray, rope: float = ROPE, draws: int = DRAWS, seed: int = 0
) -> np.ndarray:
    """Bayesian signed-rank test with a region of practical equivalence (ROPE).

    The differences d_1 .. d_T and a prior pseudo-difference d_0 = 0 of weight s = 0.5 get
    Dirichlet(s, 1, .., 1) weights w, and each draw of w the shares

        better = sum_ij w_i w_j [d_i + d_j > 2 rope]
        worse  = sum_ij w_i w_j [d_i + d_j < -2 rope],    equal = 1 - better - worse

    (at the limit itself a half). The probabilities are how often each of the three is the largest.

    The unit is the task: one difference per task, the mean over its seeds of the paired difference
    of the normalised score (0 = chance, 1 = single-task run), so that the tasks have one
    scale and one ROPE. A rope of 0.01 calls strategies practically equal that differ by less than
    a hundredth of that way. The statement is about a further task like these; the noise of the
    seeds within a task is in it only as far as it makes tasks differ. With few tasks the prior
    keeps it modest: 0.84 is the most that 1 task can show, 0.96 two, 0.99 three.

    Args:
        differences: (rows, tasks), positive is better, finite.
        rope: half the width of the region.
        draws: of the Dirichlet weights; the standard error of a probability is at most
            0.5 / sqrt(draws).
        seed: of the draws; rows share them.

    Returns:
        (rows, 3): P(better), P(equal), P(worse); NaN without tasks.

    Source:
        Benavoli et al. 2017, Time for a change, JMLR 18(77).

    >>> signed_rank(np.zeros((1, 5)))
    array([[0., 1., 0.]])
    """
    rows, tasks = differences.shape
    if not tasks:
        return np.full((rows, 3), np.nan)
    concentration = np.r_[PRIOR, np.ones(tasks)]
    weights = np.random.default_rng(seed).dirichlet(concentration, draws)
    found = np.empty((rows, 3))
    for k, row in enumerate(np.pad(differences, ((0, 0), (1, 0)))):
        sums = row[:, None] + row
        better, worse = (_mass(weights, side * sums - 2 * rope) for side in (1, -1))
        shares = np.stack([better, 1 - better - worse, worse])
        found[k] = np.bincount(shares.argmax(axis=0), minlength=3) / draws
    return found


def _mass(weights: np.ndarray, excess: np.ndarray) -> np.ndarray:
    """Sum of w_i w_j over the pairs with a positive excess, (draws,)."""
    return ((weights @ np.heaviside(excess, 0.5)) * weights).sum(axis=1)
