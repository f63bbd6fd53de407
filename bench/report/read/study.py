"""Reads a results folder: the plan, the environment, the tidy table of runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ...store.schema import STATUSES
from ...text.words import enumerate_, some
from . import folder, missing
from .folder import RERUN, StudyError

__all__ = ["STATUSES", "Study", "StudyError", "enumerate_", "read", "some"]


@dataclasses.dataclass(frozen=True)
class Study:
    """A results folder in memory, at one tuning budget.

    Attributes:
        directory: where it lies.
        plan: plan.json.
        environment: env.json, empty when there is none.
        runs: one row per (cell, seed) of the plan, failures included. `variant` says where it ran
            ("cpu, XLA off"); `shown` marks the one variant per (label, task) whose outcome the
            tables use.
        single_task: the rows that train one loss alone: no strategies of the comparison, unless
            the plan names them as such (they are in `runs` too then).
        static_weights: the rows of the static-weights curves of two-head tasks: the same holds.
        trials: one row per (task, label, trial) of tuning; empty when nothing was tuned.
        budget: tuning trials behind the configurations of `runs`; 0 is untuned.
        untuned: the same study in the tasks' own configurations, where both were run.
        notes: what is missing or odd in the folder and must be known, one sentence each.
    """

    directory: Path
    plan: Mapping[str, Any]
    environment: Mapping[str, Any]
    runs: pd.DataFrame
    single_task: pd.DataFrame
    static_weights: pd.DataFrame
    trials: pd.DataFrame
    budget: int = 0
    untuned: Study | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> list[str]:
        """Strategies with their hyperparameters, in the order of the plan."""
        return list(dict.fromkeys([*self.plan["strategies"], *self.runs["label"]]))

    @cached_property
    def tasks(self) -> list[str]:
        """Names of the tasks, in the order of the plan."""
        return list(self.plan["tasks"])

    @cached_property
    def variants(self) -> list[str]:
        """Where cells ran, the most frequent first: the order in which one is chosen to show."""
        return _variants(self.runs)

    def outcomes(self, task: str) -> pd.DataFrame:
        """Rows of one task, one variant per label."""
        return self.runs[(self.runs["task"] == task) & self.runs["shown"]]

    def metrics(self, task: str) -> Mapping[str, Mapping[str, Any]]:
        """ "<head>/<metric>" to its direction and chance level, the primary one first."""
        primary, all_of = self.primary(task), self.plan["tasks"][task]["metrics"]
        return {primary: all_of[primary], **all_of}

    @property
    def single_task_labels(self) -> Mapping[str, Mapping[str, str]]:
        """Task to head to the label of the cell that trains its loss alone."""
        return self.plan["single_task"]

    @property
    def static_weights_labels(self) -> Mapping[str, list[str]]:
        """Task to the labels of its static-weights curve, from one head's end to the other's."""
        return self.plan["static_weights"]

    def first_metric(self, task: str, head: str) -> str:
        """The metric that a head is judged by in delta-m, "<head>/<metric>"."""
        metrics = self.plan["tasks"][task]["metrics"]
        return next(name for name in metrics if name.startswith(f"{head}/"))

    def primary(self, task: str) -> str:
        """The main metric of a task, "<head>/<metric>"."""
        return self.plan["tasks"][task]["primary"]


def read(directory: Path) -> Study:
    """Reads a results folder at its plan's tuning budget, the untuned runs beside it.

    What a stopped run left in `cells/` is collected first.

    Raises:
        StudyError: no folder, no plan, no table, no rows, or one of another version.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise StudyError(f"{directory} is no folder: {RERUN}")
    plan = folder.plan(directory)
    environment = folder.environment(directory)
    notes = folder.collect(directory)
    runs, odd = folder.runs(directory, plan)
    trials, odd_trials = folder.trials(directory, plan)
    notes += [*odd, *odd_trials]
    if environment is None:
        notes.append("There is no env.json: where this ran is not known.")
    about = Study(directory, plan, environment or {}, runs, runs[:0], runs[:0], trials)
    budget = _budget(runs, plan)
    study = _at(about, budget)
    if study.runs.empty:
        raise StudyError(
            f"{directory} has runs of single tasks or static weights, none of a strategy: {RERUN}"
        )
    if budget and (runs["budget"] == 0).any():
        # Trials and static weights belong to the tuned runs.
        untuned = dataclasses.replace(_at(about, 0), trials=trials[:0], static_weights=runs[:0])
        study = dataclasses.replace(study, untuned=None if untuned.runs.empty else untuned)
    return dataclasses.replace(study, notes=(*notes, *missing.notes(study)))


def _budget(runs: pd.DataFrame, plan: Mapping[str, Any]) -> int:
    """The budget to compare at: that of the plan if it has runs, else the largest there is."""
    there = set(runs.loc[runs["label"].isin(plan["strategies"]), "budget"]) or {0}
    return plan["budget"] if plan["budget"] in there else int(max(there))


def _at(study: Study, budget: int) -> Study:
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
    rank = {variant: i for i, variant in enumerate(_variants(chosen))}
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


def _variants(runs: pd.DataFrame) -> list[str]:
    cells = runs.drop_duplicates("cell")
    order = cells.groupby("variant").agg(n=("cell", "size"), xla=("xla", "first"))
    # At a tie XLA off comes first ("off" < "on"): it is the default.
    return list(order.sort_values(["n", "xla"], ascending=[False, True]).index)


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
