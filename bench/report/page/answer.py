"""The answer in words: what was shown, what was not, what failed, and what limits it."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from ...statistics.equivalence import ROPE
from ...text.numbers import decimals, interval, number
from ...text.words import count, enumerate_, join, some
from ..analysis.comparison import Comparison
from ..analysis.verdicts import (
    BETTER,
    BETTER_BUT_FAILS,
    DESCRIPTIVE_ONLY,
    EQUIVALENT,
    IS_BASELINE,
    LEANS_BETTER,
    LEANS_WORSE,
    NOT_RUN,
    NOT_SHOWN,
    WORSE,
    hopeless,
)
from ..read.study import STATUSES
from .findings import Finding, findings

_NAMED = 3  # strategies named in the headline; more become a number


class TaskAnswer(NamedTuple):
    """What one task says: its name and findings."""

    task: str
    findings: list[Finding]


class Answer(NamedTuple):
    """The first screen of the report."""

    headline: str
    overall: list[Finding]
    tasks: list[TaskAnswer]
    tuning: str
    failures: str
    limits: list[str]


def answer(comparison: Comparison) -> Answer:
    """The answer of a study in words."""
    return Answer(
        _headline(comparison),
        _over_tasks(comparison),
        [TaskAnswer(task, findings(comparison, task)) for task in comparison.study.tasks],
        _tuning(comparison),
        _failures(comparison),
        _limits(comparison),
    )


def _headline(comparison: Comparison) -> str:
    study, baseline = comparison.study, comparison.baseline
    verdicts = pd.DataFrame({task: table["verdict"] for task, table in comparison.tasks.items()})
    others = verdicts.drop(index=baseline)
    others = others[~(others == NOT_RUN).all(axis=1)]
    where = f"On {count(len(study.tasks), 'task')} with {_seeds(comparison)}"
    if study.budget:
        where += f" and {study.budget} tuning trials each"
    if others.empty:
        return f"{where}, only {baseline} was run: there is nothing to compare."
    judged = [BETTER, BETTER_BUT_FAILS, WORSE, EQUIVALENT, LEANS_BETTER, LEANS_WORSE, NOT_SHOWN]
    if not others.isin(judged).any(axis=None):
        if others.isin([DESCRIPTIVE_ONLY]).any(axis=None):
            return (
                f"{where}, there are too few seeds for a verdict: {_seeds(comparison)} "
                f"{_are(comparison)} too few to tell any strategy from {baseline}. The figures "
                "describe, no more."
            )
        return f"{where}, no strategy has runs to compare with {baseline}."
    better = others.isin([BETTER, BETTER_BUT_FAILS]).any(axis=1)
    worse = (others == WORSE).any(axis=1)
    equal = others.isin([EQUIVALENT, NOT_RUN]).all(axis=1)
    if not (better | worse | equal).any() and all(map(hopeless, comparison.tasks.values())):
        return (
            f"{where}, on a task alone no difference can pass the correction for so many "
            "comparisons, however large it is: more seeds or fewer strategies are needed for a "
            f"verdict there{_together(comparison)}."
        )
    few = (others == DESCRIPTIVE_ONLY).any(axis=1) & ~better & ~worse
    rest = others.index[~better & ~worse & ~equal & ~few]
    clauses = [
        _extremes(comparison, others.index[better], best=True),
        _extremes(comparison, others.index[worse], best=False),
        f"{_who(others.index[equal])} equivalent to {baseline}" if equal.any() else "",
        f"no difference could be shown for {_names(rest)}" if len(rest) else "",
        _too_few(comparison, others.index[few]),
    ]
    if (better & worse).sum():
        clauses[1] += f" ({(better & worse).sum()} did both)"
    return f"{where}: {'; '.join(filter(None, clauses))}."


def _together(comparison: Comparison) -> str:
    """How many are better or worse over all tasks, where that can be said."""
    if comparison.leaderboard is None:
        return ""
    counts = comparison.leaderboard.differences["verdict"].value_counts()
    better, worse = counts.get(BETTER, 0), counts.get(WORSE, 0)
    return (
        f". Over all tasks together {better} are better than {comparison.baseline}, {worse} worse"
    )


def _too_few(comparison: Comparison, labels: pd.Index) -> str:
    """Who has too few pairs of seeds for a verdict somewhere, and why."""
    if not len(labels):
        return ""
    lost = any(table.loc[labels, "failures"].any() for table in comparison.tasks.values())
    what = "too few runs finished" if lost else f"{_seeds(comparison)} {_are(comparison)} too few"
    return f"{what} to tell {_names(labels)} from {comparison.baseline}"


def _extremes(comparison: Comparison, labels: pd.Index, best: bool) -> str:
    """Who is better (or worse) than the baseline, by how much, where; a number when many."""
    verdicts = (BETTER, BETTER_BUT_FAILS) if best else (WORSE,)
    baseline, verb = comparison.baseline, "beats" if best else "does worse than"
    if not len(labels):
        return f"none is shown to {'beat' if best else 'do worse than'} {baseline}"
    if len(labels) > _NAMED:
        every = len(comparison.study.labels) - 1
        return (
            f"{len(labels)} of {every} strategies {'beat' if best else 'do worse than'} "
            f"{baseline} on at least one task"
        )
    parts = []
    for label in labels:
        tables = comparison.tasks.items()
        hits = [task for task, table in tables if table.at[label, "verdict"] in verdicts]
        texts = []
        for task in hits[:2]:
            table = comparison.tasks[task]
            digits = decimals(table[f"{comparison.study.primary(task)} mean"])
            row = table.loc[label]
            size = number(abs(row["difference"]), digits)
            texts.append(f"on {task} by {size} {interval(row, digits)}")
        if len(hits) > 2:
            texts.append(f"on {count(len(hits) - 2, 'more task')}")
        parts.append(f"{label} {verb} {baseline} {join(texts)}")
    return ", ".join(parts)


def _who(labels: pd.Index) -> str:
    return f"{_names(labels)} {'is' if len(labels) == 1 else 'are'}"


def _names(labels: pd.Index) -> str:
    names = list(map(str, labels))
    return join(names) if len(names) <= _NAMED else f"{len(names)} strategies"


def _over_tasks(comparison: Comparison) -> list[Finding]:
    """Over all tasks: who is better, worse, practically equal, undecided."""
    if comparison.leaderboard is None:
        return []
    baseline = comparison.baseline
    kind = comparison.leaderboard.statistic
    table = comparison.leaderboard.differences.drop(index=baseline)
    groups = (
        (BETTER, f"Better than {baseline} over all tasks ({kind} of the score)", "better", False),
        (WORSE, f"Worse than {baseline} over all tasks ({kind} of the score)", "worse", True),
        (
            EQUIVALENT,
            f"Equivalent to {baseline} over all tasks, the interval inside ±{100 * ROPE:g} %",
            "",
            False,
        ),
        ("undecided", f"Could not be told from {baseline} over all tasks", "", False),
    )
    found = []
    for verdict, words, tone, ascending in groups:
        chosen = table[table["verdict"] == verdict].sort_values("difference", ascending=ascending)
        if chosen.empty:
            continue
        if tone:
            names = [f"{label} {_share(row)}" for label, row in chosen.iterrows()]
            found.append(Finding(words, some(names, 3), tone))
        else:
            found.append(Finding(words, some(chosen.index, 8)))
    return found


def _share(row: pd.Series) -> str:
    """The difference of the normalised score in points of a hundred."""
    keys = ("difference", "low", "high")
    mean, low, high = (number(100 * row[key], 1, signed=True) for key in keys)
    return f"{mean} % [{low}, {high}]"


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
    total = sum(
        int((~of_task["verdict"].isin([NOT_RUN, IS_BASELINE])).sum())
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
    return int(verdicts.isin([BETTER, BETTER_BUT_FAILS]).sum())


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


def _are(comparison: Comparison) -> str:
    return "is" if _seeds(comparison) == "1 seed" else "are"


def _seeds(comparison: Comparison) -> str:
    runs = comparison.study.runs
    counts = runs[runs["shown"]].groupby("task")["seed"].nunique()
    low, high = counts.min(), counts.max()
    return count(high, "seed") if low == high else f"{low} to {high} seeds"
