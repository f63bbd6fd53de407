"""Learning curves: the primary metric on the validation split, in training."""

from __future__ import annotations

import pandas as pd

from ..read.study import Study


def validation(study: Study, task: str) -> pd.DataFrame | None:
    """Every evaluation of one task until its seed failed; None where none was recorded.

    Returns:
        Columns `seed`, `step`, `value`, `label`, `status`, `bad_step` and `ok`.
    """
    column = f"metric/{study.primary(task)}/validation"
    runs = study.outcomes(task)
    tables = []
    for label, cell in runs.drop_duplicates("label").set_index("label")["cell"].items():
        series = study.series(cell, [column])
        if series is not None:
            tables.append(series.rename(columns={column: "value"}).assign(label=label))
    if not tables:
        return None
    data = pd.concat(tables, ignore_index=True).dropna(subset=["value"])
    data = data.merge(runs[["label", "seed", "status", "bad_step"]], on=["label", "seed"])
    # A seed that diverged stands still from its first bad step on: that is no learning curve.
    data = data[~(data["step"] > data["bad_step"])]
    return data.assign(ok=data["status"] == "ok") if len(data) else None
