"""The rows of a study at one tuning budget, and which budget to compare at."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pandas as pd

from .study import Study, variants


def chosen_budget(runs: pd.DataFrame, plan: Mapping[str, Any]) -> int:
    """The budget to compare at: that of the plan if it has runs, else the largest there is."""
    there = set(runs.loc[runs["label"].isin(plan["strategies"]), "budget"]) or {0}
    return plan["budget"] if plan["budget"] in there else int(max(there))


def at_budget(study: Study, budget: int) -> Study:
    """The rows of one budget.

    Where a tuned cell has another budget than the rest, its own stands in, and `missing` says so;
    an untuned one does not: tuned and untuned strategies are no comparison.
    """
    runs = study.runs
    ours = runs["budget"] == budget
    if budget:
        where = [runs["label"], runs["task"]]
        substitute = runs["budget"].where(
            (runs["budget"] > 0) & ~ours.groupby(where).transform("any")
        )
        most = substitute.groupby(where).transform("max")
        ours |= substitute.notna() & (substitute == most)
    single_task = _named(runs, _pairs(study.single_task_labels))
    static_weights = _named(runs, _pairs(study.static_weights_labels))
    more = single_task | static_weights  # strategies only where they were asked for
    chosen = runs[ours & (~more | runs["label"].isin(study.plan["strategies"]))]
    chosen = chosen.copy()
    rank = {variant: i for i, variant in enumerate(variants(chosen))}
    ranks = chosen["variant"].map(rank)
    best = ranks.groupby([chosen["label"], chosen["task"]]).transform("min")
    chosen["shown"] = ranks == best
    return dataclasses.replace(
        study,
        runs=chosen,
        single_task=_nearest(runs[single_task], budget),
        static_weights=_nearest(runs[static_weights], budget),
        budget=budget,
    )


def _pairs(labels: Mapping[str, Mapping[str, str] | list[str]]) -> set[tuple[str, str]]:
    return {
        (task, label)
        for task, of_task in labels.items()
        for label in (of_task.values() if isinstance(of_task, Mapping) else of_task)
    }


def _named(runs: pd.DataFrame, pairs: set[tuple[str, str]]) -> pd.Series:
    found = [pair in pairs for pair in zip(runs["task"], runs["label"], strict=True)]
    return pd.Series(found, runs.index, dtype=bool)


def _nearest(rows: pd.DataFrame, budget: int) -> pd.DataFrame:
    """Per (label, task) the rows of the budget, or of the nearest one that was run."""
    distance = (rows["budget"] - budget).abs()
    return rows[distance == distance.groupby([rows["label"], rows["task"]]).transform("min")]
