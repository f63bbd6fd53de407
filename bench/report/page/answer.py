"""The answer in words: what was shown, what was not, what failed, and what limits it."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from ...store.schema import STATUSES
from ...text.words import count, enumerate_, join
from ..analysis.comparison import Comparison
from ..analysis.verdicts import IS_BASELINE, NOT_RUN, NOT_SHOWN, SHOWN_BETTER
from .advice import Advice, advice
from .findings import Finding, findings, over_tasks
from .headline import headline


class TaskAnswer(NamedTuple):
    """What one task says: its name and findings."""

    task: str
    findings: list[Finding]


class Answer(NamedTuple):
    """The first screen of the report."""

    headline: str
    advice: list[Advice]
    overall: list[Finding]
    tasks: list[TaskAnswer]
    tuning: str
    failures: str
    limits: list[str]


def answer(comparison: Comparison) -> Answer:
    """The answer of a study in words."""
    return Answer(
        headline(comparison),
        advice(comparison),
        over_tasks(comparison),
        [TaskAnswer(task, findings(comparison, task)) for task in comparison.study.tasks],
        _tuning(comparison),
        _failures(comparison),
        _limits(comparison),
    )


def _failures(comparison: Comparison) -> str:
    counts = pd.concat(comparison.tasks, names=["task"])[[*STATUSES, "failures"]]
    total = int(counts["ok"].sum() + counts["failures"].sum())
    if not counts["failures"].sum():
        return f"All {total} runs finished."
    kinds = [f"{counts[s].sum()} {s}" for s in STATUSES[1:] if counts[s].sum()]
    bad = counts[counts["failures"] > 0].sort_values("failures", ascending=False, kind="stable")
    where = [
        f"{row['label']} on {row['task']} ({row['failures']} of {row['failures'] + row['ok']})"
        for _, row in bad.reset_index().iterrows()
    ]
    return f"Of {total} runs {join(kinds)}: {enumerate_(where)}."


def _tuning(comparison: Comparison) -> str:
    """What tuning changed; empty where nothing was tuned or no untuned runs are there."""
    before = comparison.untuned
    if before is None:
        return ""
    table, baseline = comparison.tuning_effect, comparison.baseline
    none = [NOT_RUN, IS_BASELINE]
    total = sum(
        int((~of_task["verdict"].reindex(before.study.labels).isin(none)).sum())
        for of_task in comparison.tasks.values()
    )
    trials = count(comparison.study.budget, "trial")
    words = f"Tuning with {trials} per strategy and task changed {len(table)} of {total} verdicts"
    if table.empty:
        return f"{words}."
    names = [
        f"{row['label']} on {row['task']} ({row['before']} → {row['after']})"
        for _, row in table.iterrows()
    ]
    better = [_beating(each) for each in (before, comparison)]
    return (
        f"{words}: {enumerate_(names, most=4)}. Shown better than {baseline}: {better[0]} pairs "
        f"of strategy and task before, {better[1]} after."
    )


def _beating(comparison: Comparison) -> int:
    verdicts = pd.concat([table["verdict"] for table in comparison.tasks.values()])
    return int(verdicts.isin(SHOWN_BETTER).sum())


def _limits(comparison: Comparison) -> list[str]:
    limits = list(comparison.notes)
    if not comparison.study.budget:
        limits.append(
            "Nothing was tuned: every strategy ran with the task's learning rate, which can favour "
            "the strategies whose update happens to have the right length for it."
        )
    if (comparison.overall.filter(like=" verdict") == NOT_SHOWN).any(axis=None):
        limits.append(
            "No difference shown does not mean equal: the interval says how large a difference "
            "the runs leave possible."
        )
    return limits
