"""Every run's scores against the single-task runs of its seed.

    delta_m          = mean over heads of 100 s (m - r) / |r|           percent, above 0 is better
    normalized_score = mean over heads of clip((m - c) / (r - c), 0, 1.5)   the retained share

Where a nuisance leads the single-task run astray, what is retained says nothing; there r is
what an oracle reaches, the same model trained without the nuisance, and c the single-task run.

m is the metric of a head on the test split, r that of the single-task run with the same seed, c
its chance level, s = +1 where higher is better and -1 elsewhere. The second stands beside the
first because a ratio to a small r has no bounds. A single-task score is no upper bound: losses can
help each other.

Source: delta-m as in Maninis et al. 2019 (arXiv 1904.08918).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

MOST = 1.5  # of a retained share: a head far above its single-task run must not hide a ruined one


def score(
    runs: pd.DataFrame,
    conditions: Mapping[str, Any],
    heads: Mapping[str, Sequence[Mapping[str, Any]]],
) -> pd.DataFrame:
    """Runs with `delta_m` and `normalized_score` of every row whose single-task runs are there.

    A run that failed has no delta-m and retains 0. NaN stays where a single-task run of the same
    seed is missing or failed, where it is 0 (for delta-m), and where it is no better than chance
    (for the retained share: nothing was learned that could be retained).

    Args:
        runs: tidy rows: cell, task, label, seed, status and the metric columns.
        conditions: cell to what it shares with its single-task runs.
        heads: task to its heads, see `single_task.heads`.
    """
    parts = []
    for (task, _), group in runs.groupby(["task", runs["cell"].map(conditions)], sort=False):
        ok = group["status"] == "ok"
        delta, share = {}, {}
        for head in heads.get(task, ()):
            value = group.get(head["metric"], pd.Series(np.nan, group.index)).where(ok)
            single = (group["label"] == head["single_task"]).to_numpy()
            reached = value[single].groupby(group["seed"][single]).first()
            reached = group["seed"].map(reached).astype(float)
            chance, oracle = (
                pd.Series(np.nan if head.get(key) is None else float(head[key]), group.index)
                for key in ("chance", "oracle")  # older results have no oracle
            )
            sign = 1.0 if head["higher_is_better"] else -1.0
            delta[head["name"]] = 100 * sign * (value - reached) / reached.abs().where(reached != 0)
            low, high = (chance, reached) if oracle.isna().all() else (reached, oracle)
            reach = sign * (high - low)
            learned = sign * (value.where(ok, low) - low)
            share[head["name"]] = (learned / reach.where(reach > 0)).clip(0, MOST)
        if delta:
            columns = {"delta_m": delta, "normalized_score": share}
            parts.append(
                pd.DataFrame(
                    {k: pd.DataFrame(v).mean(axis=1, skipna=False) for k, v in columns.items()}
                )
            )
    found = pd.concat(parts) if parts else pd.DataFrame(columns=["delta_m", "normalized_score"])
    found = found.reindex(runs.index).astype(float)
    return runs.assign(**{column: found[column] for column in found})
