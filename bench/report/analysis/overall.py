"""One row per strategy, the criterion of every task."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..read.study import Study


def overall(study: Study, tasks: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table of all tasks; see `Comparison.overall` for its columns."""
    table = pd.DataFrame(index=pd.Index(study.labels, name="label"))
    for task, of_task in tasks.items():
        table[f"{task} mean"] = of_task[f"{study.criterion(task)} mean"]
        table[f"{task} difference"] = of_task["difference"]
        table[f"{task} verdict"] = of_task["verdict"]
        if "delta_m mean" in of_task:
            table[f"{task} delta_m"] = of_task["delta_m mean"]
        if "untuned mean" in of_task:
            table[f"{task} untuned"] = of_task["untuned mean"]
    counts = pd.concat(tasks)[["ok", "failures"]].groupby(level=-1).sum()
    table["runs"] = counts.sum(axis=1)
    table["failures"] = counts["failures"]
    return table.join(study.runs.groupby("label")[["contract", "cost"]].first())
