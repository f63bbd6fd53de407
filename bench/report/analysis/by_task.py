"""Where a strategy wins and where it loses: differences of the score by task."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...statistics.equivalence import BETTER, EQUIVALENT, UNDECIDED, WORSE
from ...statistics.family import p_values
from ...statistics.intervals import LEVEL, t_intervals
from .pooled import task_weights
from .verdicts import MIXED

COLUMNS = ("worst_task", "worst", "worst_low", "worst_high", "without_low", "without_high")


def by_task(
    scores: pd.DataFrame,
    baseline: str,
    situations: Mapping[str, str],
    level: float = LEVEL,
    clusters: bool = False,
) -> pd.DataFrame:
    """What the mean over tasks hides, one row per label.

    Args:
        scores: (labels, (task, seed)), 0 for a failed run, NaN for none.
        baseline: a label.
        situations: task to its situation, see `pooled.task_weights`.
        level: coverage of the intervals.
        clusters: whether a column is the mean of a cluster of runs, see `family.p_values`.

    Returns:
        `worst_task`, `worst`, `worst_low`, `worst_high`: the task with the lowest difference, which
        is the lowest of several and looks worse than it is; `without_low`, `without_high`: the
        mean difference without one task, the lowest and the highest; `better_on`, `worse_on`:
        number of tasks with a significant difference over the strategies of a task.
    """
    differences = scores.sub(scores.loc[baseline]).drop(index=baseline).T
    parts, better, worse = {}, 0, 0
    for task, cells in differences.groupby(level="task", sort=False):
        parts[task] = t_intervals(cells, level)
        sure = p_values(cells, clusters)["p_adjusted"] < 1 - level
        better = better + (sure & (parts[task]["difference"] > 0))
        worse = worse + (sure & (parts[task]["difference"] < 0))
    of_tasks = pd.DataFrame({task: part["difference"] for task, part in parts.items()})
    found = pd.DataFrame(index=differences.columns, columns=list(COLUMNS), dtype=float)
    found["worst_task"] = ""
    for label, row in of_tasks.iterrows():
        known = row.dropna()
        if known.empty:
            continue
        task = known.idxmin()
        found.loc[label, "worst_task"] = task
        found.loc[label, ["worst", "worst_low", "worst_high"]] = (
            parts[task].loc[label, ["difference", "low", "high"]].to_numpy(float)
        )
        if len(known) > 1:
            rest = [_mean(known.drop(index=left), situations) for left in known.index]
            found.loc[label, ["without_low", "without_high"]] = min(rest), max(rest)
    return found.assign(better_on=better, worse_on=worse).reindex(scores.index)


def _mean(of_tasks: pd.Series, situations: Mapping[str, str]) -> float:
    return float(task_weights(list(of_tasks.index), situations) @ of_tasks.to_numpy(float))


def overall_verdicts(table: pd.DataFrame, rope: float, level: float = LEVEL) -> list[str]:
    """A word for each row of the leaderboard.

    "better" and "worse" are significant over all strategies and on no task significantly the other
    way; "mixed" is significantly better on some task and worse on another, or better over all
    tasks and worse on some, or the reverse; "equivalent": the interval lies within the
    rope and no task says otherwise.
    """
    low, high = table["difference_low"], table["difference_high"]
    better, worse = table["better_on"] > 0, table["worse_on"] > 0
    sure = table["p_adjusted"] < 1 - level
    up, down = sure & (table["difference"] > 0), sure & (table["difference"] < 0)
    inside = (low >= -rope) & (high <= rope)
    cases = [
        (~(np.isfinite(low) & np.isfinite(high)), ""),
        ((better & worse) | (up & worse) | (down & better), MIXED),
        (inside, EQUIVALENT),
        (up, BETTER),
        (down, WORSE),
    ]
    return np.select([case for case, _ in cases], [word for _, word in cases], UNDECIDED).tolist()
