"""The one number by which a task is judged, in tuning and in its verdicts.

    score = 100 * mean over the judged heads of (value - chance) / (perfect - chance)     percent

0 is what is known without learning, 100 perfect, and differences are points. A strategy that serves
one head at the cost of another gains nothing, where the metric of the first alone would call it
better. The worst head stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...store.schema import metric

SCORE, WORST = "score", "worst head"
ABOUT = {"higher_is_better": True, "chance": 0.0, "perfect": 100.0}


def judged(about: Mapping[str, Any]) -> list[str]:
    """The metrics "<head>/<metric>" that judge a task, as its plan describes it.

    Those by which tuning selects; the first metric of each head in a plan that does not name them.
    """
    if "judged" in about:
        return list(about["judged"])
    first: dict[str, str] = {}
    for name in about["metrics"]:
        first.setdefault(name.partition("/")[0], name)
    kinds = {head["name"]: head.get("kind", "task") for head in about["heads"]}
    return [name for head, name in first.items() if kinds.get(head) == "task"]


def has_score(about: Mapping[str, Any]) -> bool:
    """Whether several heads judge a task and the levels of all of them are known.

    One head's metric is its own criterion.
    """
    names = judged(about)
    levels = [about["metrics"].get(name, {}) for name in names]
    known = [
        level.get("chance") is not None and level.get("perfect") is not None for level in levels
    ]
    return len(names) > 1 and all(known)


def shares(runs: pd.DataFrame, about: Mapping[str, Any], split: str) -> np.ndarray | None:
    """The way of each judged head from chance to perfect, in percent, (runs, heads).

    None where the task has no score, or the runs lack a metric.
    """
    names = judged(about)
    columns = [metric(name, split) for name in names]
    if not has_score(about) or not set(columns) <= set(runs):
        return None
    levels = [about["metrics"][name] for name in names]
    chance, perfect = (
        np.array([level[key] for level in levels], float) for key in ("chance", "perfect")
    )
    found = 100 * (runs[columns].to_numpy(float) - chance) / (perfect - chance)
    return np.where(np.isfinite(found), found, np.nan)


def scored(runs: pd.DataFrame, tasks: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The runs with the score and the worst head on test, as metrics among the others.

    Args:
        runs: rows of tasks that are all described.
        tasks: name to what the plan says of it.
    """
    found = {name: pd.Series(np.nan, runs.index) for name in (SCORE, WORST)}
    for task, about in tasks.items():
        rows = runs[runs["task"] == task]
        of_heads = shares(rows, about, "test")
        if of_heads is not None:
            found[SCORE].loc[rows.index] = of_heads.mean(axis=1)
            found[WORST].loc[rows.index] = of_heads.min(axis=1)
    return runs.assign(**{metric(name, "test"): column for name, column in found.items()})
