"""One number from many tasks and seeds: IQM, lower tail, shares and profiles, with intervals.

Tasks are fixed and seeds are drawn, so that all intervals are stratified by task: what they are
about is this set of tasks on other seeds. The target of the IQM is the IQM of the mixture of the
tasks' score distributions.

Arrays have the cells (task, seed) along their last axis; `strata` is the task of each cell.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from .statistics import LEVEL, wilson

FEWEST_CELLS = 30  # (task, seed) cells from which on a bootstrap is worth its name
RESAMPLES = 2000


class Estimate(NamedTuple):
    """A value and its interval, one entry per row; NaN bounds where there is no interval."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


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
    return np.sort(values, axis=-1) @ (weights / weights.sum())


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

    Not the percentile interval, because it covers too rarely: 83 to 94 % of the IQM, 87 to 94 % of
    a difference in such simulations; the bootstrap-t had 85 to 95 %. Measured in 2,000 studies for
    each of three sets of tasks, nominal 95 %, lowest and highest:

        seeds x tasks                 10 x 3      10 x 5      10 x 12     20 x 5      20 x 12
        IQM, normal scores            94.2, 94.9  94.2, 94.8  94.2, 95.5  94.2, 95.0  94.0, 95.2
        IQM, long lower tail          90.1, 90.8  88.9, 92.8  91.3, 94.5  91.6, 94.2  92.8, 94.2
        IQM, every tenth run fails    76.0, 86.5  88.8, 90.4  92.5, 93.3  92.2, 93.0  93.5, 94.8
        difference, normal scores     94.3, 95.3  93.8, 95.5  94.2, 94.8  94.6, 96.0  95.2, 95.5
        difference, long lower tail   94.5, 95.8  95.7, 96.4  94.3, 96.0  95.5, 96.0  94.6, 94.7
        difference, every tenth fails 95.5, 97.7  96.4, 98.4  94.8, 95.8  94.8, 96.1  95.2, 95.8

    With rare failures or a long tail the interval of the IQM itself is too short for few tasks and
    seeds, by any of the methods: what was not seen is in no resample. That of a difference holds.

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
        with a single seed on a task, which says nothing of how seeds differ.
    """
    rows, n = scores.shape
    other = np.broadcast_to(np.full(n, np.nan) if baseline is None else baseline, scores.shape)
    value = iqm(scores)
    difference = value - iqm(other)
    if n < FEWEST_CELLS or np.unique(strata, return_counts=True)[1].min() < 2:
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


def _t(influence: np.ndarray, strata: np.ndarray, level: float) -> np.ndarray:
    """Quantile of Student's t with Satterthwaite's degrees of freedom, per row."""
    total, squares, most = 0.0, 0.0, 0
    for task in np.unique(strata):
        of_task = influence[..., strata == task]
        n = of_task.shape[-1]
        part = n * of_task.var(axis=-1, ddof=1)  # of the sum over the task's cells
        total, squares, most = total + part, squares + part**2 / (n - 1), most + n - 1
    total, squares = np.asarray(total), np.asarray(squares)
    known = squares > 0
    # No variance within the tasks: the interval has no width either.
    df = np.where(known, total**2 / np.where(known, squares, 1.0), most)
    return stats.t.ppf(0.5 + level / 2, df)


def share(values: np.ndarray, strata: np.ndarray, level: float = LEVEL) -> Estimate:
    """Mean of values in [0, 1] over all cells, with Wilson's interval for stratified cells.

    Wilson's formula with the effective number of cells

        n_eff = max(n, p (1 - p) / v),    v = sum over tasks of (n_t / n)^2 s_t^2 / n_t

    where s_t^2 is the variance in task t after adding half a 0 and half a 1: tasks that are always
    won tell little of how often they would be lost. Seeds cannot tell more of p than that; ties
    and tasks that differ make the interval shorter than Wilson's for a plain coin. With one task
    and no ties it is Wilson's.

    Not the bootstrap, whose interval has no width where all cells agree: measured in 4,000 studies
    with 10 seeds and shares near 0 or 1 on each task it covers 40 % with one task and 60 to 92 %
    with 3 to 5, this one 91 to 97 % with one, and 93 % and more with several. It covers more than
    it says (up to 100 %) where tasks are won always or never.

    Args:
        values: (..., cells), such as 1 for a pair won, 0.5 for a tie, 0 for one lost.
        strata: (cells,).
        level: coverage.

    Returns:
        Estimate with entries (...); NaN from no cells.
    """
    n = values.shape[-1]
    if not n:
        nothing = np.full(values.shape[:-1], np.nan)
        return Estimate(nothing, nothing, nothing)
    p = values.mean(axis=-1)
    variance = np.zeros(values.shape[:-1])
    for task in np.unique(strata):
        of_task = values[..., strata == task]
        m = of_task.shape[-1]
        mean = (of_task.sum(axis=-1) + 0.5) / (m + 1)
        square = ((of_task**2).sum(axis=-1) + 0.5) / (m + 1)
        variance += (square - mean**2) * (m + 1) / n**2
    effective = np.maximum(n, p * (1 - p) / variance)
    return Estimate(p, *wilson(p, effective, level))


def wins(scores: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """1 where a row beats the baseline, 0.5 at a tie, 0 where it loses; -inf is a failed run."""
    return (scores > baseline) + 0.5 * (scores == baseline)


def score_profile(
    scores: np.ndarray, strata: np.ndarray, grid: np.ndarray, level: float = LEVEL
) -> Estimate:
    """P(score > t) over all cells, with a band that holds at each t taken alone.

    Source: performance profiles of Agarwal et al. 2021 (arXiv 2108.13264).

    Args:
        scores: (rows, cells).
        strata: (cells,).
        grid: (points,).
        level: coverage of the band at one point.

    Returns:
        Estimate with entries (rows, points).
    """
    above = scores[..., None, :] > np.asarray(grid)[:, None]
    return share(above.astype(float), strata, level)
