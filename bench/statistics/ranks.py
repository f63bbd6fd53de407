"""Mean ranks over tasks, and from how far apart they are a difference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from .intervals import LEVEL

FEWEST_TASKS = 6
TOO_FEW = "too few tasks for a rank test"


class Ranks(NamedTuple):
    """Mean rank per label (1 is best), p value of Friedman's test, Nemenyi's critical difference.

    `note` says why there is no test where `p` and `critical_difference` are NaN, else "".
    """

    mean: pd.Series
    p: float
    critical_difference: float
    note: str


def ranks(scores: pd.DataFrame, level: float = LEVEL) -> Ranks:
    """Ranks the labels on each task.

    Labels whose mean ranks differ by more than

        q(level; k, inf) / sqrt(2) * sqrt(k (k + 1) / (6 T))

    differ after a correction for all pairs (Nemenyi); k labels, T tasks, q the quantile of the
    studentised range.

    Args:
        scores: (tasks, labels), higher is better; labels with a missing task are not ranked.
        level: 1 - the family-wise error rate.

    Returns:
        Mean ranks always; a test from 6 tasks and 3 labels on.

    Source:
        Demsar 2006, Statistical comparisons of classifiers over multiple data sets, JMLR 7.
    """
    complete = scores.dropna(axis="columns")
    tasks, k = complete.shape
    mean = complete.rank(axis="columns", ascending=False).mean().reindex(scores.columns)
    nothing = float("nan")
    if tasks < FEWEST_TASKS:
        return Ranks(mean, nothing, nothing, TOO_FEW)
    if k < 3:
        return Ranks(mean, nothing, nothing, "too few strategies for a rank test")
    q = stats.studentized_range.ppf(level, k, np.inf) / np.sqrt(2)
    critical = float(q * np.sqrt(k * (k + 1) / (6 * tasks)))
    constant = (complete.nunique(axis="columns") == 1).all()  # ties everywhere: 0 / 0 in the test
    p = 1.0 if constant else float(stats.friedmanchisquare(*complete.to_numpy().T).pvalue)
    return Ranks(mean, p, critical, "")
