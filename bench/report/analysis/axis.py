"""How scores and ranking move along an axis: a comparison per value, and the one before it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from .comparison import Comparison

COLUMNS = ("mean", "difference", "low", "high", "verdict", "failures", "rank")


def along(comparisons: Mapping[str, Comparison]) -> pd.DataFrame:
    """One row per (value, label) of one task.

    Args:
        comparisons: value of the axis to the comparison there, each of one task.

    Returns:
        `mean` of the task's criterion over the runs that finished, the paired `difference` to the
        baseline with `low` and `high`, `verdict`, `failures`, and `rank` of the mean: 1 is the
        best; of what never finished there is none.
    """
    parts = {}
    for value, comparison in comparisons.items():
        study = comparison.study
        (task,) = study.tasks
        criterion, table = study.criterion(task), comparison.tasks[task]
        higher = study.metrics(task)[criterion]["higher_is_better"]
        mean = table[f"{criterion} mean"]
        found = table[["difference", "low", "high", "verdict", "failures"]].assign(
            mean=mean, rank=(-mean if higher else mean).rank()
        )
        parts[value] = found[list(COLUMNS)]
    return pd.concat(parts, names=["value", "label"])


def agreement(table: pd.DataFrame) -> pd.Series:
    """Kendall's tau between the ranking at each value and the one before.

    1 is the same order, 0 none in common, -1 the reverse. Of strategies whose differences are
    noise the order is noise too: tau is low there without anything having moved.

    Returns:
        A value each; NaN at the first, and where fewer than two strategies are common.
    """
    ranks = table["rank"].unstack("value").reindex(columns=table.index.unique("value"))
    found = {ranks.columns[0]: np.nan}
    for before, after in zip(ranks.columns, ranks.columns[1:], strict=False):
        both = ranks[[before, after]].dropna()
        enough = len(both) > 1
        tau = stats.kendalltau(both[before], both[after]).statistic if enough else np.nan
        found[after] = float(tau)
    return pd.Series(found, name="tau")
