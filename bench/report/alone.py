"""The single-task scores of a study: what each loss reached alone, with the same seeds."""

from __future__ import annotations

import math

import pandas as pd

from .formats import decimals, number
from .study import Study


def single_task(study: Study) -> pd.DataFrame:
    """Mean and SD of each head's own metric where its loss was trained alone.

    Returns:
        One row per (task, head) that has a reference: `metric`, `runs` that finished, `mean`, `sd`.
    """
    rows = []
    for task, labels in study.reference_labels.items():
        for head, label in labels.items():
            metric = study.first_metric(task, head)
            runs = study.references
            runs = runs[
                (runs["task"] == task) & (runs["label"] == label) & (runs["status"] == "ok")
            ]
            values = runs.drop_duplicates("seed").get(
                f"metric/{metric}/test", pd.Series(dtype=float)
            )
            rows.append((task, head, metric, values.count(), values.mean(), values.std()))
    columns = ["task", "head", "metric", "runs", "mean", "sd"]
    return pd.DataFrame(rows, columns=columns).set_index(["task", "head"])


def sentence(study: Study, task: str) -> str:
    """The single-task scores of one task in words; empty when it has none."""
    table = single_task(study)
    table = table[(table.index.get_level_values("task") == task) & (table["runs"] > 0)]
    scores = []
    for _, row in table.iterrows():
        places = decimals([row["mean"]])
        spread = f" ± {number(row['sd'], places)}" if math.isfinite(row["sd"]) else ""
        scores.append(f"{row['metric']} {number(row['mean'], places)}{spread}")
    if not scores:
        return ""
    return f"Single-task scores, each loss trained alone with the same seeds: {', '.join(scores)}."
