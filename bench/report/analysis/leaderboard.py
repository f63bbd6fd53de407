"""One row per strategy over all tasks: how good, how sure, and against which baseline."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np
import pandas as pd

from ...statistics import iqm
from ...statistics.equivalence import ROPE, practical_verdicts
from ...statistics.intervals import LEVEL
from ...statistics.ranks import Ranks, ranks
from ...text.words import count, enumerate_
from .pooled import failures, pooled, practically

NEEDED = ("label", "task", "seed", "status", "normalized_score")


@dataclasses.dataclass(frozen=True)
class Leaderboard:
    """The comparison over tasks.

    Attributes:
        baseline: the label that the others are compared with.
        rope: half the width of the region of practical equivalence, in normalised score.
        table: one row per label in the order of the runs:
            `tasks`, `cells`: those shared with the baseline, which the scores are over;
            `iqm`, `low`, `high`, `mean`, `median`, `cvar`, `iqm_finished` (without failed runs);
            `difference`, `difference_low`, `difference_high`: of the IQM to the baseline's;
            `verdict`: of that interval, see `statistics.practical_verdicts`;
            `mean_difference`, `mean_low`, `mean_high`: mean paired difference over all tasks, the
            easy and the hard ones too, with its t interval, which few cells suffice for;
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

    @property
    def statistic(self) -> str:
        """What `differences` are of: "IQM" where its interval is known, else "mean".

        The bootstrap of the IQM needs many pooled runs; the t interval of the mean does with few.
        """
        return "IQM" if self.table["difference_low"].notna().any() else "mean"

    @cached_property
    def differences(self) -> pd.DataFrame:
        """`difference` to the baseline over all tasks, `low`, `high` and `verdict`, per label."""
        iqm = ("difference", "difference_low", "difference_high")
        mean = ("mean_difference", "mean_low", "mean_high")
        names = iqm if self.statistic == "IQM" else mean
        found = self.table[list(names)].set_axis(["difference", "low", "high"], axis=1)
        return found.assign(verdict=practical_verdicts(found["low"], found["high"], self.rope))


def leaderboard(
    runs: pd.DataFrame,
    baseline: str,
    rope: float = ROPE,
    level: float = LEVEL,
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
    table = pd.DataFrame(index=scores.index)
    table = table.join(pooled(scores, failed, baseline, level, resamples, seed))
    table["verdict"] = practical_verdicts(table["difference_low"], table["difference_high"], rope)
    table[["p_better", "p_equal", "p_worse"]] = practically(scores, baseline, rope, seed)
    others = ["difference", "difference_low", "difference_high", "p_better", "p_equal", "p_worse"]
    others += ["mean_difference", "mean_low", "mean_high", "win_share", "win_low", "win_high"]
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
    order = [list(dict.fromkeys(runs[key])) for key in ("label", "task")]
    tables = [
        runs.pivot(index="label", columns=["task", "seed"], values=column)
        .reindex(order[0])
        .reindex(order[1], axis="columns", level="task")
        for column in ("normalized_score", "failed")
    ]
    scores, failed = tables[0].astype(float), tables[1].fillna(False).astype(bool)
    known = scores.notna().any()
    scores, failed = scores.loc[:, known], failed.loc[:, known]
    return scores.mask(failed, 0.0), failed


def _row_notes(table: pd.DataFrame, scores: pd.DataFrame, baseline: str) -> list[str]:
    tasks = scores.columns.get_level_values("task").nunique()
    notes = []
    for label, row in table.iterrows():
        said = []
        if label != baseline and row["tasks"] < tasks:
            said.append(f"on {row['tasks']} of {count(tasks, 'task')}")
        if not row["cells"]:
            said.append("no scores")
        elif row["cells"] < iqm.FEWEST_CELLS:
            said.append(
                f"no interval: {count(row['cells'], 'pooled run')}, fewer than {iqm.FEWEST_CELLS}"
            )
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
