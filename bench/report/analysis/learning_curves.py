"""Learning curves: the primary metric on the validation split, in training."""

from __future__ import annotations

import pandas as pd

from ...store.schema import metric
from ..read.study import Study


def column(study: Study, task: str) -> str:
    """What is read of the series."""
    return metric(study.primary(task), "validation")


def validation(study: Study, task: str, series: pd.DataFrame) -> pd.DataFrame | None:
    """Every evaluation of one task until its seed failed; None where none was recorded.

    Args:
        series: of `reader.series`.

    Returns:
        Columns `label`, `seed`, `step`, `ok` (whether the seed finished), `value`.
    """
    name = column(study, task)
    if name not in series:
        return None
    data = series[["label", "seed", "step", "ok", name]].rename(columns={name: "value"})
    data = data.dropna(subset=["value"])
    return data if len(data) else None
