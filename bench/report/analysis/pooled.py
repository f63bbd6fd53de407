"""Scores pooled over tasks: the numbers of the leaderboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ...statistics import iqm, stratified
from ...statistics.intervals import wilson
from ...statistics.signed_rank import signed_rank

DIFFERENCE = ("difference", "difference_low", "difference_high")


def pooled(
    scores: pd.DataFrame,
    failed: pd.DataFrame,
    baseline: str,
    situations: Mapping[str, str],
    level: float,
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """All that is over the pooled cells; labels with the same cells are done together.

    Args:
        scores: (labels, (task, seed)), 0 for a failed run, NaN for none.
        failed: the same shape, bool.
        baseline: a label.
        situations: task to its situation; each situation counts alike, a task without one is one.
        level: coverage of the intervals.
        resamples: of the bootstrap of the IQM.
        seed: of the bootstrap.
    """
    there = np.isfinite(scores.to_numpy(float))
    shared = there & there[scores.index.get_loc(baseline)]
    names = scores.columns.get_level_values("task")
    found = []
    for _, rows in pd.Series(range(len(scores))).groupby([row.tobytes() for row in shared]):
        mine = shared[rows.iloc[0]]
        strata, of_strata = pd.factorize(names[mine])
        values = scores.iloc[rows].to_numpy(float)[:, mine]
        lost = failed.iloc[rows].to_numpy(bool)[:, mine]
        reference = scores.loc[baseline].to_numpy(float)[mine]
        reference_lost = failed.loc[baseline].to_numpy(bool)[mine]
        columns = {"tasks": len(of_strata), "cells": strata.size}
        weights = task_weights(list(of_strata), situations)
        value = stratified.mean_interval(values, strata, weights, level)
        columns |= dict(zip(("mean", "low", "high"), value, strict=True))
        change = stratified.mean_interval(values - reference, strata, weights, level)
        columns |= dict(zip(DIFFERENCE, change, strict=True))
        columns["p"] = stratified.mean_test(values - reference, strata, weights)
        won = stratified.wins(
            np.where(lost, -np.inf, values), np.where(reference_lost, -np.inf, reference)
        )
        keys = ("win_share", "win_low", "win_high")
        columns |= dict(zip(keys, stratified.share(won, strata, level), strict=True))
        enough = len(of_strata) >= iqm.FEWEST_TASKS
        of_iqm = (
            iqm.iqm_intervals(values, strata, reference, level, resamples, seed)
            if enough
            else 2 * ([np.nan] * 3,)
        )
        for prefix, estimate in zip(("iqm", "iqm_difference"), of_iqm, strict=True):
            keys = (prefix, f"{prefix}_low", f"{prefix}_high")
            columns |= dict(zip(keys, estimate, strict=True))
        columns["median"] = np.median(values, axis=1) if strata.size else np.nan
        columns["cvar"] = iqm.cvar(values)
        found.append(pd.DataFrame(columns, index=scores.index[rows]))
    return pd.concat(found).reindex(scores.index)


def task_weights(tasks: Sequence[str], situations: Mapping[str, str]) -> np.ndarray:
    """What each task counts: situations alike, and the tasks of one alike; (tasks,), sum 1.

    >>> task_weights(["a", "b", "c"], {"a": "balanced", "b": "balanced"}).tolist()
    [0.25, 0.25, 0.5]
    """
    groups = [situations.get(task, task) for task in tasks]
    sizes = np.array([groups.count(group) for group in groups], float)
    return 1 / (sizes * max(1, len(set(groups))))


def practically(scores: pd.DataFrame, baseline: str, rope: float, seed: int) -> np.ndarray:
    """P(better), P(equal), P(worse) per label from one mean paired difference per task."""
    differences = (scores - scores.loc[baseline]).T.groupby(level="task", sort=False).mean().T
    differences = differences.to_numpy(float)
    there = np.isfinite(differences)
    found = np.empty((len(scores), 3))
    for tasks in np.unique(there.sum(axis=1)):  # as many tasks, the same draws
        mine = there.sum(axis=1) == tasks
        values = differences[mine][there[mine]].reshape(mine.sum(), tasks)
        found[mine] = signed_rank(values, rope, seed=seed)
    return found


def failures(runs: pd.DataFrame, level: float) -> pd.DataFrame:
    failed = (runs["status"] != "ok").groupby(runs["label"]).agg(["size", "sum", "mean"])
    failed.columns = ["runs", "failures", "failure_rate"]
    low, high = wilson(failed["failure_rate"].to_numpy(), failed["runs"].to_numpy(), level)
    return failed.assign(failure_low=low, failure_high=high)
