"""Stability as several numbers, never one: failures, seeds, the run, its gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ...statistics.intervals import LEVEL, wilson
from ...statistics.iqm import cvar
from ..read.study import Study

PREFIX = "stability/"


class Measure(NamedTuple):
    """A number that every run has.

    Attributes:
        title: as a column of the table.
        typical: how the runs of a strategy become one number: "mean" of what adds up, "median" of
            ratios and of what has a long tail.
        percent: shown in percent.
    """

    title: str
    typical: str
    percent: bool = False


MEASURES: Mapping[str, Measure] = {
    "spikes": Measure("Spikes", "mean"),
    "spike_height": Measure("Worst spike, times the median", "median"),
    "recovery_steps": Measure("Slowest recovery, steps", "median"),
    "late_fluctuation": Measure("Late fluctuation", "median", percent=True),
    "regret": Measure("Regret", "mean"),
    "norm_cv": Measure("Gradient norm, CV", "median"),
    "norm_tail": Measure("Gradient norm, p99 / p50", "median"),
    "norm_ratio": Measure("Largest / smallest loss gradient", "median"),
    "conflict_rate": Measure("Conflict", "mean", percent=True),
    "mean_cosine": Measure("Mean cosine", "mean"),
}


def summary(study: Study, task: str) -> pd.DataFrame | None:
    """The numbers of one task, one row per label that ran; None where none were recorded.

    Returns:
        `runs`; `failures`; `failure_rate` with Wilson's 95 % interval `failure_low`,
        `failure_high`; `first_bad_step`, the earliest, and `median_bad_step`; of the primary metric
        over the seeds that finished: `sd` with the interval `sd_low`, `sd_high` of a normal
        variable's, `iqr`, and `cvar`, the mean of the worst quarter of them; then per measure of
        the runs its typical value, and the quartiles over seeds `<measure> q1` and `<measure> q3`.
    """
    runs = study.outcomes(task)
    recorded = [name for name in MEASURES if f"{PREFIX}{name}" in runs]
    if not runs[[PREFIX + name for name in recorded]].notna().to_numpy().any():
        return None
    ok, by_label = runs["status"] == "ok", runs.groupby("label")
    table = pd.DataFrame({"runs": by_label.size(), "failures": (~ok).groupby(runs["label"]).sum()})
    table["failure_rate"] = table["failures"] / table["runs"]
    table["failure_low"], table["failure_high"] = wilson(table["failure_rate"], table["runs"])
    steps = by_label["bad_step"]
    table["first_bad_step"], table["median_bad_step"] = steps.min(), steps.median()
    finished = runs[ok].groupby("label")["primary_metric"]
    table = table.join(_spread(finished))
    sign = 1 if study.metrics(task)[study.primary(task)]["higher_is_better"] else -1
    worst = {label: sign * float(cvar(sign * x.dropna().to_numpy())) for label, x in finished}
    table["cvar"] = pd.Series(worst, dtype=float)
    numbers = by_label[[PREFIX + name for name in recorded]]
    mean, middle, q1, q3 = numbers.mean(), *(numbers.quantile(q) for q in (0.5, 0.25, 0.75))
    for name in recorded:
        column = PREFIX + name
        table[name] = (mean if MEASURES[name].typical == "mean" else middle)[column]
        table[f"{name} q1"], table[f"{name} q3"] = q1[column], q3[column]
    return table.reindex([label for label in study.labels if label in table.index])


def _spread(finished: pd.core.groupby.SeriesGroupBy) -> pd.DataFrame:
    """SD with its interval, (n - 1) s^2 / chi^2, and interquartile range over the seeds."""
    sd, n = finished.std(), finished.count()
    degrees = (n - 1).where(n > 1)
    bounds = [
        np.sqrt(degrees / stats.chi2.ppf(0.5 + side * LEVEL / 2, degrees)) for side in (1, -1)
    ]
    iqr = finished.quantile(0.75) - finished.quantile(0.25)
    return pd.DataFrame(
        {"sd": sd, "sd_low": sd * bounds[0], "sd_high": sd * bounds[1], "iqr": iqr.where(n > 1)}
    )
