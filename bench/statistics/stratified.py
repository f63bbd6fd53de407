"""Intervals over fixed tasks and random seeds: of a mean, of a share of pairs won, of a profile.

What they are about is this set of tasks on other seeds. Arrays have the cells (task, seed) along
their last axis; `strata` is the task of each cell.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from .intervals import LEVEL, t_quantile, wilson


class Estimate(NamedTuple):
    """A value and its interval, one entry per row; NaN bounds where there is no interval."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def within(values: np.ndarray, strata: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the sum of all cells with tasks fixed, and Satterthwaite's degrees of freedom."""
    total, squares, most = np.zeros(values.shape[:-1]), np.zeros(values.shape[:-1]), 0
    for task in np.unique(strata):
        of_task = values[..., strata == task]
        n = of_task.shape[-1]
        part = n * of_task.var(axis=-1, ddof=1)
        total, squares, most = total + part, squares + part**2 / (n - 1), most + n - 1
    known = squares > 0
    # No variance within the tasks: the interval has no width whatever the degrees of freedom.
    return total, np.where(known, total**2 / np.where(known, squares, 1.0), most)


def mean_interval(
    values: np.ndarray,
    strata: np.ndarray,
    weights: np.ndarray | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Mean over tasks of the mean over seeds, with the t interval for fixed tasks.

        sum over tasks of w_t mean_t +- t(df) * sqrt(sum over tasks of w_t^2 s_t^2 / n_t)

    w_t is 1 / T unless given, s_t^2 the variance over the n_t seeds of task t, df Satterthwaite's.
    Every task counts, a ruined one too, and few cells suffice: with one task it is Student's
    interval.

    Args:
        values: (..., cells).
        strata: (cells,).
        weights: (tasks,) in the order of `np.unique(strata)`, with sum 1.
        level: coverage.

    Returns:
        Estimate with entries (...); no interval with a single seed on a task; NaN from no cells.
    """
    mean, error, df = _mean(values, strata, weights)
    half = t_quantile(df, level) * error
    return Estimate(mean, mean - half, mean + half)


def mean_test(
    values: np.ndarray, strata: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Two-sided p value of the mean of `mean_interval` being 0.

    Below 0.05 where the 95 % interval excludes 0: tasks are fixed, and that they differ from one
    another is no noise, as it would be if the signs of all cells were flipped.

    Returns:
        Entries (...); 1 where all values are 0, NaN where there is no interval.
    """
    mean, error, df = _mean(values, strata, weights)
    t = np.abs(mean) / np.where(error > 0, error, np.nan)
    return np.where(error == 0, np.where(mean == 0, 1.0, 0.0), 2 * stats.t.sf(t, df))


def _mean(
    values: np.ndarray, strata: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mean, its standard error and the degrees of freedom of that."""
    shape = values.shape[:-1]
    nothing = np.full(shape, np.nan)
    if not values.shape[-1]:
        return nothing, nothing, nothing
    tasks = np.unique(strata)
    each = np.full(tasks.size, 1 / tasks.size) if weights is None else weights
    mean, variance, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    most = 0
    for task, weight in zip(tasks, each, strict=True):
        of_task = values[..., strata == task]
        n = of_task.shape[-1]
        mean = mean + weight * of_task.mean(axis=-1)
        if n > 1:
            part = weight**2 * of_task.var(axis=-1, ddof=1) / n
            variance, squares, most = variance + part, squares + part**2 / (n - 1), most + n - 1
    if lone_seed(strata):
        return mean, nothing, nothing
    known = squares > 0
    df = np.where(known, variance**2 / np.where(known, squares, 1.0), most)
    return mean, np.sqrt(variance), df


def lone_seed(strata: np.ndarray) -> bool:
    """Whether a task has a single seed, which says nothing of how seeds differ."""
    return bool(np.unique(strata, return_counts=True)[1].min() < 2)


def share(values: np.ndarray, strata: np.ndarray, level: float = LEVEL) -> Estimate:
    """Mean of values in [0, 1] over all cells, with Wilson's interval for stratified cells.

    Wilson's formula with the effective number of cells

        n_eff = max(n, p (1 - p) / v),    v = sum over tasks of (n_t / n)^2 s_t^2 / n_t

    where s_t^2 is the variance in task t after adding half a 0 and half a 1: tasks that are always
    won tell little of how often they would be lost. Seeds cannot tell more of p than that; ties
    and tasks that differ make the interval shorter than Wilson's for a plain coin. With one task
    and no ties it is Wilson's.

    Not the bootstrap or a normal interval, which have no width where all cells agree: measured in
    4,000 studies with 10 seeds and a share of 0.95 on each task, the normal one covers 40, 78 and
    92 % with 1, 3 and 5 tasks, this one 91, 93 and 96 %. It covers more than it says, up to 100 %,
    where tasks are won always or never.

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
