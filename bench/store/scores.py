"""Every run's scores against the single-task runs of its seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

MOST = 1.5  # of a retained share: a head far above its reference must not hide a ruined one


def score(
    runs: pd.DataFrame,
    settings: Mapping[str, Any],
    about: Mapping[str, Sequence[Mapping[str, Any]]],
) -> pd.DataFrame:
    """Runs with `delta_m` and `normalized_score` of every row whose references are there.

    A run that failed has no delta-m and retains 0. NaN stays where a reference of the same seed is
    missing or failed, where it is 0 (for delta-m), and where it is no better than chance (for the
    retained share: nothing was learned that could be retained).

    Args:
        runs: tidy rows: cell, task, label, seed, status and the metric columns.
        settings: cell to what it shares with its references.
        about: task to the entries of `heads`.
    """
    parts = []
    for (task, _), group in runs.groupby(["task", runs["cell"].map(settings)], sort=False):
        ok = group["status"] == "ok"
        delta, share = {}, {}
        for head in about.get(task, ()):
            value = group.get(head["metric"], pd.Series(np.nan, group.index)).where(ok)
            alone = (group["label"] == head["single_task"]).to_numpy()
            reference = value[alone].groupby(group["seed"][alone]).first()
            reference = group["seed"].map(reference).astype(float)
            sign = 1.0 if head["higher_is_better"] else -1.0
            chance = np.nan if head["chance"] is None else float(head["chance"])
            gain, reach = sign * (value - reference), sign * (reference - chance)
            delta[head["name"]] = 100 * gain / reference.abs().where(reference != 0)
            learned = sign * (value.where(ok, chance) - chance)
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
