"""A results folder in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ...store.schema import metric
from .criterion import ABOUT, SCORE, WORST


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
    def situations(self) -> Mapping[str, str]:
        """Task to its situation, of those that have one."""
        found = {task: about.get("situation", "") for task, about in self.plan["tasks"].items()}
        return {task: situation for task, situation in found.items() if situation}

    @cached_property
    def clustered(self) -> bool:
        """Whether runs share tunings or splits: these are what is replicated then, not seeds."""
        return "tuning" in self.runs and self.runs["tuning"].nunique() > 1

    @cached_property
    def units(self) -> str:
        """What is replicated, in a word."""
        if not self.clustered:
            return "seeds"
        return "splits" if self.plan.get("splits", 1) > 1 else "tunings"

    @cached_property
    def test(self) -> str:
        """The test of many strategies against one, in words; see `statistics.family`."""
        if self.clustered:
            return f"t test over {self.units} with Holm's correction"
        return "max-T test by sign flips"

    @cached_property
    def variants(self) -> list[str]:
        """Where cells ran, the most frequent first: the order in which one is chosen to show."""
        return variants(self.runs)

    def outcomes(self, task: str) -> pd.DataFrame:
        """Rows of one task, one variant per label."""
        return self.runs[(self.runs["task"] == task) & self.runs["shown"]]

    def metrics(self, task: str) -> Mapping[str, Mapping[str, Any]]:
        """ "<head>/<metric>" to direction and chance level, the criterion and the primary first."""
        primary, all_of = self.primary(task), self.plan["tasks"][task]["metrics"]
        more = (SCORE, WORST) if self.criterion(task) == SCORE else ()
        return {**dict.fromkeys(more, ABOUT), primary: all_of[primary], **all_of}

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

    def criterion(self, task: str) -> str:
        """What the verdicts of a task are about: the score of several heads, or the main metric."""
        column = metric(SCORE, "test")
        runs = self.runs
        if column in runs and runs.loc[runs["task"] == task, column].notna().any():
            return SCORE
        return self.primary(task)

    def primary(self, task: str) -> str:
        """The main metric of a task, "<head>/<metric>"."""
        return self.plan["tasks"][task]["primary"]


def variants(runs: pd.DataFrame) -> list[str]:
    """Where cells ran, the most frequent first."""
    cells = runs.drop_duplicates("cell")
    order = cells.groupby("variant").agg(n=("cell", "size"), xla=("xla", "first"))
    # At a tie XLA off comes first ("off" < "on"): it is the default.
    return list(order.sort_values(["n", "xla"], ascending=[False, True]).index)
