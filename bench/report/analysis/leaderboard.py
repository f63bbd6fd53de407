"""One row per strategy over all tasks: how good, how sure, and against which baseline."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from ...statistics import iqm
from ...statistics.equivalence import ROPE
from ...statistics.intervals import LEVEL
from ...statistics.paired import holm
from ...statistics.ranks import Ranks, ranks
from ...text.words import count, enumerate_
from .by_task import by_task, overall_verdicts
from .pooled import DIFFERENCE, failures, pooled, practically

NEEDED = ("label", "task", "seed", "status", "normalized_score")


@dataclasses.dataclass(frozen=True)
class Leaderboard:
    """The comparison over tasks.

    Attributes:
        baseline: the label that the others are compared with.
        rope: half the width of the region of practical equivalence, in normalised score.
        table: one row per label in the order of the runs:
            `tasks`, `cells`: those shared with the baseline, which the scores are over;
            `mean`, `low`, `high`: over situations, tasks in them and seeds, each alike;
            `difference`, `difference_low`, `difference_high`: mean paired difference to the
            baseline, the easy and the hard tasks alike, with its stratified t interval;
            `p`, `p_adjusted`: that it is 0, alone and after Holm's correction over the strategies;
            `worst_task`, `worst`, `worst_low`, `worst_high`, `without_low`,
            `without_high`, `better_on`, `worse_on`: see `by_task.by_task`;
            `verdict`: see `by_task.overall_verdicts`;
            `median`, `cvar`, and from ten tasks on `iqm`, `iqm_low`, `iqm_high`, `iqm_difference`,
            `iqm_difference_low`, `iqm_difference_high`;
            `p_better`, `p_equal`, `p_worse`: see `bayes.signed_rank`;
            `win_share`, `win_low`, `win_high`: P(better than the baseline on the same seed);
            `mean_rank` (labels with all tasks);
            `runs`, `failures`, `failure_rate`, `failure_low`, `failure_high`: over all tasks;
            `note`: what is missing in words, or "".
        ranks: mean ranks, Friedman's test and the critical difference.
        notes: what holds for the whole table, one sentence each.
    """

    baseline: str
    rope: float
    table: pd.DataFrame
    ranks: Ranks
    notes: tuple[str, ...]

    @cached_property
    def differences(self) -> pd.DataFrame:
        """`difference` to the baseline over all tasks, `low`, `high` and `verdict`, per label."""
        found = self.table[[*DIFFERENCE, "verdict"]]
        return found.set_axis(["difference", "low", "high", "verdict"], axis=1)


def leaderboard(
    runs: pd.DataFrame,
    baseline: str,
    rope: float = ROPE,
    level: float = LEVEL,
    situations: Mapping[str, str] | None = None,
    resamples: int = iqm.RESAMPLES,
    seed: int = 0,
) -> Leaderboard:
    """Compares all labels with a baseline over all tasks.

    A failed run scores 0 and loses against every run that finished. A (task, seed) where no label
    has a score (no single-task run) is left out. A label that lacks cells is compared on
    those that it shares with the baseline.

    Args:
        runs: columns `label`, `task`, `seed`, `status`, `normalized_score`; one row per (label,
            task, seed).
        baseline: a label; call again for another one.
        rope: half the width of the region of practical equivalence.
        level: coverage of all intervals; they are not corrected for the number of labels.
        situations: task to its situation; the mean is over situations, and in each over its tasks.
        resamples: of the bootstrap.
        seed: of the bootstrap and of the Bayesian test.

    Raises:
        ValueError: columns are missing, runs are there twice, or the baseline has no runs.

    Example:
        >>> runs = pd.DataFrame({"label": ["sum", "a"], "task": "t", "seed": 0, "status": "ok",
        ...                      "normalized_score": [0.5, 0.7]})
        >>> leaderboard(runs, "sum").table.loc["a", "difference"].round(3)
        np.float64(0.2)
    """
    _check(runs, baseline)
    scores, failed = _tables(runs)
    clusters = "tuning" in runs and runs["tuning"].nunique() > 1
    if clusters:  # the unit that is replicated
        scores, failed = (_by_tuning(table, runs) for table in (scores, failed.astype(float)))
        failed = failed == 1
    table = pd.DataFrame(index=scores.index)
    situations = situations or {}
    table = table.join(pooled(scores, failed, baseline, situations, level, resamples, seed))
    table = table.join(by_task(scores, baseline, situations, level, clusters))
    table.loc[baseline, "p"] = np.nan  # no member of the family
    table["p_adjusted"] = holm(table["p"])
    table["verdict"] = overall_verdicts(table, rope, level)
    table[["p_better", "p_equal", "p_worse"]] = practically(scores, baseline, rope, seed)
    others = [*DIFFERENCE, "win_share", "win_low", "win_high", "p_better", "p_equal", "p_worse"]
    others += [column for column in table if column.startswith("iqm_difference")]
    table.loc[baseline, others] = np.nan
    table.loc[baseline, "verdict"] = ""
    ranked = ranks(scores.T.groupby(level="task", sort=False).mean(), level)
    table["mean_rank"] = ranked.mean
    table = table.join(failures(runs, level))
    table["note"] = _row_notes(table, scores, baseline)
    return Leaderboard(baseline, rope, table, ranked, tuple(_notes(runs, scores, ranked)))


def _check(runs: pd.DataFrame, baseline: str) -> None:
    if missing := [column for column in NEEDED if column not in runs]:
        raise ValueError(f"the table of runs lacks the columns {', '.join(missing)}")
    twice = runs.duplicated(["label", "task", "seed"])
    if twice.any():
        label, task, seed = runs.loc[twice, ["label", "task", "seed"]].iloc[0]
        raise ValueError(
            f"{count(int(twice.sum()), 'run')} there twice, such as {label} on {task}, seed "
            f"{seed}: give each device and tuning budget a label of its own, or choose one"
        )
    if baseline not in set(runs["label"]):
        there = enumerate_(runs["label"].unique())
        raise ValueError(f"no runs of the baseline {baseline}; there are {there}")


def _tables(runs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores and failures, (labels, (task, seed)), of the cells where any label has a score."""
    runs = runs.assign(failed=runs["status"] != "ok")
    order = list(dict.fromkeys(runs["label"]))
    tables = [
        runs.pivot(index="label", columns=["task", "seed"], values=column)
        .reindex(order)
        .sort_index(axis="columns")  # resampling and signs go by place, and so must not by chance
        for column in ("normalized_score", "failed")
    ]
    scores, failed = tables[0].astype(float), tables[1].fillna(False).astype(bool)
    known = scores.notna().any()
    scores, failed = scores.loc[:, known], failed.loc[:, known]
    return scores.mask(failed, 0.0), failed


def _by_tuning(table: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Means over the seeds of each (task, tuning); see `task.clusters`."""
    of_seed = runs.groupby(["task", "seed"])["tuning"].first()
    tunings = of_seed.reindex(table.columns)
    keys = [table.columns.get_level_values("task"), pd.Index(tunings.to_numpy(), name="seed")]
    return table.T.groupby(keys).mean().T


def _row_notes(table: pd.DataFrame, scores: pd.DataFrame, baseline: str) -> list[str]:
    tasks = scores.columns.get_level_values("task").nunique()
    notes = []
    for label, row in table.iterrows():
        said = []
        if label != baseline and row["tasks"] < tasks:
            said.append(f"on {row['tasks']} of {count(tasks, 'task')}")
        if not row["cells"]:
            said.append("no scores")
        elif np.isnan(row["low"]):
            said.append("no interval: a single seed on a task")
        notes.append("; ".join(said))
    return notes


def _notes(runs: pd.DataFrame, scores: pd.DataFrame, ranked: Ranks) -> list[str]:
    notes = []
    scored = scores.columns.get_level_values("task").unique()
    every = list(dict.fromkeys(runs["task"]))
    if without := [task for task in every if task not in scored]:
        notes.append(
            f"{count(len(without), 'task')} of {len(every)} left out of the leaderboard, having no "
            f"normalised score: {enumerate_(without)}."
        )
    cells = runs[runs["task"].isin(scored)].groupby("task")["seed"].nunique().sum()
    if gone := int(cells) - scores.shape[1]:
        notes.append(
            f"{count(gone, 'pair')} of task and seed left out: the single-task run there is "
            "missing or failed."
        )
    if ranked.note:
        notes.append(f"Ranks: {ranked.note}.")
    return notes
