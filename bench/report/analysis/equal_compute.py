"""Is it better than tuning one weight? Trials of all strategies, charged for the time they take.

    affordable trials = floor(trials of `weighted` * step time of `weighted` / step time)

A strategy with a gradient for each loss has fewer of them. Where `weighted` was not tuned, or the
times are not known, nothing can be charged.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...plan.baselines import STATIC_WEIGHTS
from ..read.study import Study


def costs(study: Study, task: str) -> pd.Series:
    """Label to the training time of its step over that of `weighted`; empty where not known."""
    runs = study.runs[study.runs["task"] == task]
    times = runs.groupby("label")["step_time_us"].median()
    if not times.get(STATIC_WEIGHTS, 0.0) > 0:
        return pd.Series(dtype=float)
    return (times / times[STATIC_WEIGHTS]).dropna()


def equal_compute(best: pd.DataFrame, cost: pd.Series) -> pd.Series:
    """Label to the best validation score that the compute of tuning `weighted` buys.

    Args:
        best: (number of trials, labels), see `tuning.best_so_far`.
        cost: of `costs`.

    Returns:
        NaN where not even one trial can be afforded, or the cost is not known.

    Example:
        >>> best = pd.DataFrame({"weighted": [0.5, 0.7], "mgda": [0.6, 0.8]}, index=[1, 2])
        >>> equal_compute(best, pd.Series({"weighted": 1.0, "mgda": 1.5})).to_dict()
        {'weighted': 0.7, 'mgda': 0.6}
    """
    if STATIC_WEIGHTS not in best:
        return pd.Series(np.nan, best.columns)
    trials = len(best)
    found = {}
    for label in best:
        affordable = min(trials, int(trials / cost.get(label, np.inf) + 1e-9))
        found[label] = best[label].iloc[affordable - 1] if affordable else np.nan
    return pd.Series(found)
