"""Scores pooled over tasks: the numbers of the leaderboard."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...statistics import iqm, stratified
from ...statistics.intervals import wilson
from ...statistics.signed_rank import signed_rank


def pooled(
    scores: pd.DataFrame,
    failed: pd.DataFrame,
    baseline: str,
    level: float,
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """All that is over the pooled cells; labels with the same cells are done together."""
    there = np.isfinite(scores.to_numpy(float))
    shared = there & there[scores.index.get_loc(baseline)]
    tasks = pd.factorize(scores.columns.get_level_values("task"))[0]
    found = []
    for _, rows in pd.Series(range(len(scores))).groupby([row.tobytes() for row in shared]):
        mine = shared[rows.iloc[0]]
        values, strata = scores.iloc[rows].to_numpy(float)[:, mine], tasks[mine]
        lost = failed.iloc[rows].to_numpy(bool)[:, mine]
        reference = scores.loc[baseline].to_numpy(float)[mine]
        reference_lost = failed.loc[baseline].to_numpy(bool)[mine]
        columns = {"tasks": np.unique(strata).size, "cells": strata.size}
        value, difference = iqm.iqm_intervals(values, strata, reference, level, resamples, seed)
        won = stratified.wins(
            np.where(lost, -np.inf, values), np.where(reference_lost, -np.inf, reference)
        )
        columns |= dict(zip(("iqm", "low", "high"), value, strict=True))
        names = ("difference", "difference_low", "difference_high")
        columns |= dict(zip(names, difference, strict=True))
        names = ("mean_difference", "mean_low", "mean_high")
        paired = stratified.mean_interval(values - reference, strata, level)
        columns |= dict(zip(names, paired, strict=True))
        names = ("win_share", "win_low", "win_high")
        columns |= dict(zip(names, stratified.share(won, strata, level), strict=True))
        some = strata.size > 0
        columns["mean"] = values.mean(axis=1) if some else np.nan
        columns["median"] = np.median(values, axis=1) if some else np.nan
        columns["cvar"] = iqm.cvar(values)
        columns["iqm_finished"] = [
            float(iqm.iqm(row[~bad])) for row, bad in zip(values, lost, strict=True)
        ]
        found.append(pd.DataFrame(columns, index=scores.index[rows]))
    return pd.concat(found).reindex(scores.index)


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
