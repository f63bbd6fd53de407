"""The best constant weights: the point of the static-weights curve that validation chooses.

What a practitioner gets who tries a few weights and keeps the best: a row of every table, held
against the strategies like one of them. Chosen on the validation split by the criterion of the
task, over all seeds that are reported; judged on the test split.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from ...store.schema import metric
from .criterion import shares
from .study import Study

LABEL = "best constant weights"


def with_best(study: Study) -> Study:
    """The study with a row for the best constant weights of every task that has a curve."""
    parts, chosen = [], {}
    for task in study.static_weights_labels:
        rows = _rows(study, task)
        scores = _validation(study, task, rows)
        ok = (rows["status"] == "ok").groupby(rows["label"]).all()
        means = scores.groupby(rows["label"]).mean()[ok].dropna()
        if len(means) < 2:
            continue
        chosen[task] = str(means.sort_index(kind="stable").idxmax())
        mine = rows[rows["label"] == chosen[task]]
        parts.append(mine.assign(label=LABEL, strategy=LABEL, shown=True))
    if not parts:
        return study
    return dataclasses.replace(
        study,
        runs=pd.concat([study.runs, *parts], ignore_index=True),
        notes=(*study.notes, _note(chosen)),
    )


def _rows(study: Study, task: str) -> pd.DataFrame:
    """The curve's rows in the variant that the study shows most."""
    labels = study.static_weights_labels[task]
    rows = study.static_weights
    rows = rows[(rows["task"] == task) & rows["label"].isin(labels)]
    rows = rows.drop_duplicates(["label", "seed"], keep="last")
    return rows[rows["seed"].isin(set(study.runs.loc[study.runs["task"] == task, "seed"]))]


def _validation(study: Study, task: str, rows: pd.DataFrame) -> pd.Series:
    """The criterion on the validation split, higher is better; NaN where it is not known."""
    about = study.plan["tasks"][task]
    of_heads = shares(rows, about, "validation")
    if of_heads is not None:
        return pd.Series(of_heads.mean(axis=1), rows.index)
    name = study.primary(task)
    values = rows.get(metric(name, "validation"), pd.Series(np.nan, rows.index))
    return values if about["metrics"][name]["higher_is_better"] else -values


def _note(chosen: dict[str, str]) -> str:
    words = "; ".join(f"{label} on {task}" for task, label in chosen.items())
    return (
        f"{LABEL[0].upper()}{LABEL[1:]} are the point of the static-weights curve that validation "
        f"chooses: {words}."
    )
