"""Compares the strategies of a study: one table per task and one over all tasks.

Every difference is paired by seed and oriented, so that positive is better. Means are over the
runs that finished; runs that failed stand beside them as counts, as lost pairs in the win share,
and in a mean of their own at the chance level of the metric.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from functools import cached_property

import pandas as pd

from ...plan.baselines import BASELINE, STATIC_WEIGHTS
from ..read import reader
from ..read.study import Study
from . import (
    conflict,
    cost,
    learning_curves,
    notes,
    overall,
    scaling,
    single_task,
    stability,
    static_weights,
    training_time,
    tuning,
    tuning_effect,
)
from .leaderboard import Leaderboard, leaderboard
from .task import task_table
from .verdicts import margin


@dataclasses.dataclass(frozen=True)
class Comparison:
    """All that a report says of a study, computed once; what reads further files when asked for.

    Attributes:
        baseline: the label that all others are compared with.
        second: tuned static weights, where they ran; None without tuning.
        tasks: name of the task to its table, one row per label in the order of the plan: counts
            per status, `failures` (all but ok), `spiked` (of those that finished);
            `<head>/<metric> mean` and `sd` (finished runs); of the criterion (see
            `Study.criterion`) `pairs`, `difference`, `low`, `high`, `with_losses`, `p`,
            `p_adjusted`, `win_share`, `correlation`, `with_failures`;
            `<head>/<metric> difference`, `low` and `high` of the other metrics,
            `delta_m mean` and `sd` (finished runs), `normalized_score mean` and `sd` (all runs:
            a failed one retains 0), where there are single-task runs, then also
            `delta_m pairs`, `difference` and so on to `p_adjusted`; the same to the second baseline
            as `<second> difference` and so on; `untuned mean` of the criterion;
            `time_us`, `time_ratio`, `variant`, `verdict`.
        overall: one row per label: `<task> mean`, `difference`, `verdict` and, where they are
            known, `delta_m` and `untuned` (mean); then `runs`, `failures`, `contract`, `cost`.
        times: one row per (task, label), per variant `<variant> us` and `<variant> ratio`.
        leaderboard: all strategies over all tasks; None without single-task runs.
        second_leaderboard: the same against the second baseline.
        by_situation: situation to the leaderboard of its tasks.
        single_task: see `single_task.single_task`.
        tuning: see `tuning.summary`.
        static_weights: two-head task to the table of `static_weights.beyond`, where there is one.
        static_weights_points: two-head task to the points of its curve, see
            `static_weights.points`.
        untuned: the comparison of the same strategies before tuning, where both were run.
        notes: those of the study and of the comparison.
    """

    study: Study
    baseline: str
    second: str | None
    tasks: Mapping[str, pd.DataFrame]
    overall: pd.DataFrame
    times: pd.DataFrame
    leaderboard: Leaderboard | None
    second_leaderboard: Leaderboard | None
    by_situation: Mapping[str, Leaderboard]
    single_task: pd.DataFrame
    tuning: pd.DataFrame
    static_weights: Mapping[str, pd.DataFrame]
    static_weights_points: Mapping[str, pd.DataFrame]
    untuned: Comparison | None
    notes: tuple[str, ...]

    def margin(self, task: str) -> float:
        """Half the width of the region of practical equivalence, in the task's criterion."""
        criterion = self.study.criterion(task)
        mean = self.tasks[task].at[self.baseline, f"{criterion} mean"]
        return margin(mean, self.study.metrics(task)[criterion].get("chance"))

    @cached_property
    def stability(self) -> Mapping[str, pd.DataFrame]:
        """Task to the table of `stability.summary`, where it was recorded."""
        return _known({task: stability.summary(self.study, task) for task in self.study.tasks})

    @cached_property
    def _series(self) -> Mapping[str, pd.DataFrame]:
        """Task to what is needed of its series: each file is read once."""
        study = self.study
        wanted = {
            task: [learning_curves.column(study, task), *conflict.columns(study, task)]
            for task in study.tasks
        }
        return {task: reader.series(study, task, columns) for task, columns in wanted.items()}

    @cached_property
    def validation(self) -> Mapping[str, pd.DataFrame]:
        """Task to the table of `learning_curves.validation`, where it was recorded."""
        found = {
            task: learning_curves.validation(self.study, task, series)
            for task, series in self._series.items()
        }
        return _known(found)

    @cached_property
    def cosines(self) -> Mapping[str, pd.DataFrame]:
        """Task to the table of `conflict.cosines`, where they were recorded."""
        found = {
            task: conflict.cosines(self.study, task, series)
            for task, series in self._series.items()
        }
        return _known(found)

    @cached_property
    def conflict(self) -> Mapping[str, pd.DataFrame]:
        """Task to the table of `conflict.summary`, where cosines were recorded."""
        return {task: conflict.summary(cosines) for task, cosines in self.cosines.items()}

    @cached_property
    def tuning_effect(self) -> pd.DataFrame:
        """Verdicts that tuning changed, see `tuning_effect.changed`; empty without untuned runs."""
        before = {} if self.untuned is None else self.untuned.tasks
        return tuning_effect.changed(before, self.tasks if before else {})

    @cached_property
    def step_times(self) -> pd.DataFrame | None:
        """What `lossbench time` measured, see `cost.read`; None where it did not."""
        return cost.read(self.study.directory)

    @cached_property
    def scaling(self) -> pd.DataFrame | None:
        """What `lossbench time --scaling` measured; None where it did not."""
        return scaling.read(self.study.directory)


def compare(study: Study) -> Comparison:
    """All tables of a study, and of its untuned runs where it was tuned."""
    there = set(study.runs["label"])
    present = [label for label in study.labels if label in there]
    baseline = BASELINE if BASELINE in present else present[0]
    tuned = study.budget and STATIC_WEIGHTS in present and baseline != STATIC_WEIGHTS
    second = STATIC_WEIGHTS if tuned else None
    times = training_time.training_times(study, baseline)
    tasks = {task: task_table(study, task, baseline, times, second) for task in study.tasks}
    before = None if study.untuned is None else compare(study.untuned)
    if before is not None:
        for task, table in tasks.items():
            column = f"{study.criterion(task)} mean"
            table["untuned mean"] = before.tasks[task][column].reindex(table.index)
    leaderboards = [_leaderboard(study, label) for label in (baseline, second)]
    tuned, single = tuning.summary(study), single_task.single_task(study)
    points = _known(
        {task: static_weights.points(study, task) for task in study.static_weights_labels}
    )
    told = [*study.notes, *single_task.notes(single), *notes.notes(study, baseline, tasks)]
    told += [*(leaderboards[0].notes if leaderboards[0] else ()), *tuning.notes(study, tuned)]
    told += static_weights.notes(study)
    return Comparison(
        study=study,
        baseline=baseline,
        second=second,
        tasks=tasks,
        overall=overall.overall(study, tasks),
        times=times,
        leaderboard=leaderboards[0],
        second_leaderboard=leaderboards[1],
        by_situation=_by_situation(study, baseline),
        single_task=single,
        tuning=tuned,
        static_weights=_known(
            {task: static_weights.beyond(study, task, of_task) for task, of_task in points.items()}
        ),
        static_weights_points=points,
        untuned=before,
        notes=tuple(told),
    )


def _known(tables: Mapping[str, pd.DataFrame | None]) -> dict[str, pd.DataFrame]:
    return {task: table for task, table in tables.items() if table is not None}


def _leaderboard(
    study: Study, baseline: str | None, tasks: Collection[str] | None = None
) -> Leaderboard | None:
    """The leaderboard of some tasks against a baseline; None where no run has a score."""
    runs = study.runs[study.runs["shown"]]
    if tasks is not None:
        runs = runs[runs["task"].isin(tasks)]
    known = runs["normalized_score"].notna()
    if baseline is None or not (known & (runs["label"] == baseline)).any():
        return None
    order = {label: i for i, label in enumerate(study.labels)}
    runs = runs.sort_values("label", key=lambda s: s.map(order))
    return leaderboard(runs, baseline, situations=study.situations)


def _by_situation(study: Study, baseline: str) -> dict[str, Leaderboard]:
    """In the order of the tasks."""
    groups: dict[str, list[str]] = {}
    for task, situation in study.situations.items():
        groups.setdefault(situation, []).append(task)
    found = {name: _leaderboard(study, baseline, tasks) for name, tasks in groups.items()}
    return {name: each for name, each in found.items() if each is not None}
