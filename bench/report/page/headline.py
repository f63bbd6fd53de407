"""The answer in one sentence."""

from __future__ import annotations

import pandas as pd

from ...text.numbers import decimals, interval, number
from ...text.words import count, join
from ..analysis.comparison import Comparison
from ..analysis.verdicts import (
    DESCRIPTIVE_ONLY,
    EQUIVALENT,
    LEANS_BETTER,
    LEANS_WORSE,
    NOT_RUN,
    NOT_SHOWN,
    SHOWN_BETTER,
    WORSE,
)
from .advice import advice

_NAMED = 3  # strategies named; more become a number


def headline(comparison: Comparison) -> str:
    """What to use by situation; of tasks without one, who is better, worse, equivalent or open."""
    study, baseline = comparison.study, comparison.baseline
    verdicts = pd.DataFrame({task: table["verdict"] for task, table in comparison.tasks.items()})
    others = verdicts.drop(index=baseline)
    others = others[~(others == NOT_RUN).all(axis=1)]
    where = f"On {count(len(study.tasks), 'task')} with {_seeds(comparison)}"
    if study.budget:
        where += f" and {study.budget} tuning trials each"
    if others.empty:
        return f"{where}, only {baseline} was run: there is nothing to compare."
    judged = [*SHOWN_BETTER, WORSE, EQUIVALENT, LEANS_BETTER, LEANS_WORSE, NOT_SHOWN]
    if not others.isin(judged).any(axis=None):
        if others.isin([DESCRIPTIVE_ONLY]).any(axis=None):
            return (
                f"{where}, there are too few seeds for a verdict: {_seeds(comparison)} "
                f"{_are(comparison)} too few to tell any strategy from {baseline}. The figures "
                "describe, no more."
            )
        return f"{where}, no strategy has runs to compare with {baseline}."
    if given := advice(comparison):
        uses = [f"{each.what}: {each.name}" for each in given]
        return f"{where}: {'; '.join(uses)}."
    better = others.isin(SHOWN_BETTER).any(axis=1)
    worse = (others == WORSE).any(axis=1)
    equal = others.isin([EQUIVALENT, NOT_RUN]).all(axis=1)
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


def _too_few(comparison: Comparison, labels: pd.Index) -> str:
    """Who has too few pairs of seeds for a verdict somewhere, and why."""
    if not len(labels):
        return ""
    lost = any(table.loc[labels, "failures"].any() for table in comparison.tasks.values())
    what = "too few runs finished" if lost else f"{_seeds(comparison)} {_are(comparison)} too few"
    return f"{what} to tell {_names(labels)} from {comparison.baseline}"


def _extremes(comparison: Comparison, labels: pd.Index, best: bool) -> str:
    """Who is better (or worse) than the baseline, by how much, where; a number when many."""
    verdicts = SHOWN_BETTER if best else (WORSE,)
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
            digits = decimals(table[f"{comparison.study.criterion(task)} mean"])
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


def _are(comparison: Comparison) -> str:
    return "is" if _seeds(comparison) == "1 seed" else "are"


def _seeds(comparison: Comparison) -> str:
    runs = comparison.study.runs
    counts = runs[runs["shown"]].groupby("task")["seed"].nunique()
    low, high = counts.min(), counts.max()
    return count(high, "seed") if low == high else f"{low} to {high} seeds"
