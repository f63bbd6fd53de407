"""One number from many tasks and seeds: the IQM and the lower tail, with bootstrap intervals.

Tasks are fixed and seeds are drawn, see `stratified`: the target of the IQM is the IQM of the
mixture of the tasks' score distributions.
"""

from __future__ import annotations

import numpy as np

from .intervals import LEVEL, t_quantile
from .stratified import Estimate, lone_seed, within

FEWEST_TASKS = 10  # with fewer, the middle half of all cells is that of two or three tasks
FEWEST_CELLS = 30  # (task, seed) cells from which on a bootstrap is worth its name
RESAMPLES = 2000


def band_mean(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Mean of the values between two quantile levels, along the last axis.

    Each of n sorted values stands for 1/n of the distribution; one that is cut by a level counts
    with the share that is inside. Where n * low and n * (1 - high) are whole numbers, and
    low = 1 - high, this is the trimmed mean.

    Returns:
        Values of shape values.shape[:-1]; NaN from no values.

    >>> float(band_mean(np.array([0.0, 1.0, 2.0, 9.0]), 0.25, 0.75))
    1.5
    """
    n = values.shape[-1]
    if not n:
        return np.full(values.shape[:-1], np.nan)
    edges = np.arange(n + 1) / n
    weights = np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None)
    # In one memory order: BLAS sums a row of another one in another order, and a difference of
    # equal rows would not be 0.
    return np.sort(np.ascontiguousarray(values), axis=-1) @ (weights / weights.sum())


def iqm(values: np.ndarray) -> np.ndarray:
    """Interquartile mean: the mean of the middle half.

    As robust as a median against a ruined task, and much less noisy. Source: Agarwal et al. 2021
    (arXiv 2108.13264).
    """
    return band_mean(values, 0.25, 0.75)


def cvar(values: np.ndarray, share: float = 0.25) -> np.ndarray:
    """Lower-tail mean (conditional value at risk): the mean of the worst quarter."""
    return band_mean(values, 0.0, share)


def resample(strata: np.ndarray, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Indices of cells drawn with replacement within each task, (resamples, cells).

    The generator depends on nothing but the seed: strategies with the same cells get the same
    indices, which is what pairs them.
    """
    rng = np.random.default_rng(seed)
    of_task = [np.flatnonzero(strata == task) for task in np.unique(strata)]
    return np.concatenate(
        [cells[rng.integers(0, cells.size, (resamples, cells.size))] for cells in of_task], axis=1
    )


def iqm_intervals(
    scores: np.ndarray,
    strata: np.ndarray,
    baseline: np.ndarray | None = None,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[Estimate, Estimate]:
    """IQM of each row, and its difference to the baseline's, with bootstrap intervals.

        value +- t(df) * SD of the resampled values * sqrt(N / (N - T))

    N cells in T tasks. The factor makes up for a variance that resampling takes too small by
    (n - 1) / n in a task with n seeds; df is Satterthwaite's, from the variances within tasks of
    the scores clipped at the quartiles (the influence of a cell on the IQM). The same resampled
    seeds serve all rows and the baseline, so that the difference is paired.

    A difference of IQMs is about the tasks of middling scores: what is gained or lost in the best
    and the worst quarter of the scores is not in it. `stratified.mean_interval` of the paired
    differences counts every task; where the two disagree, the gain is on some tasks only.

    Not the percentile interval of the bootstrap, because it covers too rarely. Measured by
    tests/benchmarks/interval_coverage.py, nominal 95 %, in percent, the lowest and the highest of
    three sets of tasks:

        seeds x tasks               10 x 3      10 x 5      10 x 12     20 x 5      20 x 12
        normal scores, IQM          93.7, 94.8  94.3, 95.5  94.2, 96.0  93.8, 95.1  95.0, 96.0
          percentile                90.3, 91.2  91.6, 92.2  91.4, 93.7  92.6, 93.5  94.2, 94.5
          difference                94.2, 94.8  94.5, 95.0  93.7, 94.5  94.6, 95.5  94.4, 95.3
          difference, percentile    90.3, 92.5  91.0, 92.3  91.1, 92.3  93.1, 94.3  93.0, 94.2
        every tenth run fails, IQM  87.8, 88.1  87.5, 94.8  93.0, 93.9  94.7, 96.2  92.8, 94.1
          difference                97.8, 99.3  96.7, 98.8  95.1, 96.2  95.8, 97.6  95.0, 95.2
          difference, percentile    85.2, 88.2  88.6, 92.9  91.9, 93.6  93.2, 94.3  93.5, 93.8

    With rare failures and few tasks and seeds the interval of the IQM itself is too short by any
    method: a failure that was not seen is in no resample. That of a difference rather errs on the
    long side.

    Args:
        scores: (rows, cells).
        strata: (cells,).
        baseline: (cells,), or (rows, cells) for one of its own per row; without it the differences
            are NaN.
        level: coverage.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        Estimates with entries (rows,). No interval with fewer than 30 cells (`FEWEST_CELLS`), or
        with a single seed on a task.
    """
    rows, n = scores.shape
    other = np.broadcast_to(np.full(n, np.nan) if baseline is None else baseline, scores.shape)
    value = iqm(scores)
    difference = value - iqm(other)
    if n < FEWEST_CELLS or lone_seed(strata):
        nothing = np.full(rows, np.nan)
        return Estimate(value, nothing, nothing), Estimate(difference, nothing, nothing)
    drawn = resample(strata, resamples, seed)
    spread = np.empty((2, rows))
    for k in range(rows):  # one (resamples, cells) table at a time stays in the cache
        sample = iqm(scores[k][drawn])
        spread[:, k] = sample.std(ddof=1), (sample - iqm(other[k][drawn])).std(ddof=1)
    spread *= np.sqrt(n / (n - np.unique(strata).size))
    influence = _clipped(scores)
    half = spread[0] * _t(influence, strata, level)
    paired = spread[1] * _t(influence - _clipped(other), strata, level)
    return (
        Estimate(value, value - half, value + half),
        Estimate(difference, difference - paired, difference + paired),
    )


def _clipped(scores: np.ndarray) -> np.ndarray:
    low, high = np.quantile(scores, [0.25, 0.75], axis=-1, keepdims=True)
    return np.clip(scores, low, high)


def _t(values: np.ndarray, strata: np.ndarray, level: float) -> np.ndarray:
    return t_quantile(within(values, strata)[1], level)
