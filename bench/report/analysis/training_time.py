"""The time of the training runs."""

from __future__ import annotations

import pandas as pd

from ..read.study import Study


def training_times(study: Study, baseline: str) -> pd.DataFrame:
    """Microseconds per seed-step of the training runs, and their ratio to the baseline.

    The ratio is within a (task, variant). It is the time of the training run, taken once and not
    interleaved: good for orders of magnitude, not for a verdict.

    Returns:
        Index (task, label), per variant the columns `<variant> us` and `<variant> ratio`.
    """
    us = study.runs.pivot_table(
        index=["task", "label"],
        columns="variant",
        values="step_time_us",
        aggfunc="median",
        dropna=False,
    )
    index = pd.MultiIndex.from_product([study.tasks, study.labels], names=["task", "label"])
    us = us.reindex(index, columns=study.variants)
    reference = us.xs(baseline, level="label")
    columns = {}
    for variant in study.variants:
        of_task = index.get_level_values("task").map(reference[variant])
        columns[f"{variant} us"] = us[variant]
        columns[f"{variant} ratio"] = us[variant] / of_task
    return pd.DataFrame(columns, index=index)
