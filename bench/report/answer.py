"""The answer in words: what was shown, what was not, what failed, and what limits it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from .compare import Comparison
from .formats import decimals, interval, number
from .study import STATUSES, enumerate_, some
from .verdicts import (
    BETTER,
    BETTER_BUT_FAILS,
    DESCRIPTIVE_ONLY,
    IS_BASELINE,
    LEANS_BETTER,
    LEANS_WORSE,
    NOT_RUN,
    NOT_SHOWN,
    WORSE,
    hopeless,
)

_NAMED = 4  # strategies named with their interval before "and n more"


class Finding(NamedTuple):
    """What is said of some strategies: the words, who, and a tone for its colour."""

    lead: str
    items: list[str]
    tone: str = ""
    listed: bool = False  # the items carry figures: a line each

    def __str__(self) -> str:
        return f"{self.lead}: {', '.join(self.items)}." if self.items else f"{self.lead}."


class TaskAnswer(NamedTuple):
    """What one task says: its name and findings."""

    task: str
    findings: list[Finding]


class Answer(NamedTuple):
    """The first screen of the report."""

    headline: str
    tasks: list[TaskAnswer]
    failures: str
    limits: list[str]


def answer(comparison: Comparison) -> Answer:
    """The answer of a study in words."""
    tasks = [TaskAnswer(task, _task(comparison, task)) for task in comparison.study.tasks]
    return Answer(_headline(comparison), tasks, _failures(comparison), _limits(comparison))


def _headline(comparison: Comparison) -> str:
    study, baseline = comparison.study, comparison.baseline
    verdicts = pd.DataFrame({task: table["verdict"] for task, table in comparison.tasks.items()})
    others = verdicts.drop(index=baseline)
    others = others[~(others == NOT_RUN).all(axis=1)]
    where = f"On {_count(len(study.tasks), 'task')} with {_seeds(comparison)}"
    if others.empty:
        return f"{where}, only {baseline} was run: there is nothing to compare."
    judged = [BETTER, BETTER_BUT_FAILS, WORSE, LEANS_BETTER, LEANS_WORSE, NOT_SHOWN]
    if not others.isin(judged).any(axis=None):
        if others.isin([DESCRIPTIVE_ONLY]).any(axis=None):
            return f"{where}, there are too few seeds for a verdict: the figures describe, no more."
        return f"{where}, no strategy has runs to compare with {baseline}."
    better = others.isin([BETTER, BETTER_BUT_FAILS]).any(axis=1)
    worse = (others == WORSE).any(axis=1)
    compared = f"Of {_count(len(others), 'strategy', 'strategies')} compared with {baseline}"
    if not better.any() and not worse.any():
        if all(hopeless(table) for table in comparison.tasks.values()):
            return (
                f"{where}, no difference can pass the correction for so many comparisons, however "
                "large it is: more seeds or fewer strategies are needed for a verdict."
            )
        return f"{where}, no difference to {baseline} could be shown for any strategy."
    both = int((better & worse).sum())
    parts = [
        f"{better.sum()} beat it on at least one task" if better.any() else "none beat it",
        f"{worse.sum()} did worse on at least one" if worse.any() else "none did worse",
    ]
    parts[1] += f" ({both} did both)" if both else ""
    if rest := int((~better & ~worse).sum()):
        parts.append(f"for {rest} no difference could be shown")
    return f"{where}: {compared[0].lower()}{compared[1:]}, {_join(parts)}."


def _task(comparison: Comparison, task: str) -> list[Finding]:
    study, table = comparison.study, comparison.tasks[task]
    primary, baseline = study.primary(task), comparison.baseline
    places = decimals(table[f"{primary} mean"])
    direction = "higher" if study.metrics(task)[primary]["higher_is_better"] else "lower"
    mean = number(table.loc[baseline, f"{primary} mean"], places)
    others = {
        name: decimals(table[f"{name} mean"])
        for name in study.metrics(task)
        if f"{name} low" in table
    }
    first = f"{baseline} reaches {mean} {primary} ({direction} is better)"
    if table.loc[baseline, "verdict"] == NOT_RUN:
        first = f"{baseline} has not run"
    elif not table.loc[baseline, "ok"]:
        first = f"No run of {baseline} finished"
    findings = [Finding(first, [])]
    groups = [
        ((BETTER, BETTER_BUT_FAILS), f"Better than {baseline}", False, "better"),
        ((WORSE,), f"Worse than {baseline}", True, "worse"),
        ((LEANS_BETTER,), "Better by the interval alone, not after the correction", False, ""),
        ((LEANS_WORSE,), "Worse by the interval alone, not after the correction", True, ""),
        ((DESCRIPTIVE_ONLY,), "Too few seeds for a verdict; the largest differences", None, ""),
    ]
    for verdicts, words, ascending, tone in groups:
        chosen = table[table["verdict"].isin(verdicts)]
        if ascending is None:
            chosen = chosen.loc[chosen["difference"].abs().sort_values(ascending=False).index]
        else:
            chosen = chosen.sort_values("difference", ascending=ascending)
        if not chosen.empty:
            named = [_with_interval(row, places, others) for _, row in chosen.iterrows()]
            findings.append(Finding(words, some(named, _NAMED), tone, listed=True))
    unshown = table[table["verdict"] == NOT_SHOWN]
    if not unshown.empty:
        findings.append(Finding("No difference could be shown for", some(unshown.index, 8)))
    if empty := [
        label
        for label, row in table.iterrows()
        if row["failures"] and not row["ok"] and row["verdict"] != IS_BASELINE
    ]:
        findings.append(Finding("No run finished", some(empty), "failed"))
    if absent := list(table.index[table["verdict"] == NOT_RUN]):
        findings.append(Finding("Not run", some(absent)))
    return findings


def _with_interval(row: pd.Series, places: int, others: Mapping[str, int]) -> str:
    """A strategy, its difference and interval; what failed, and what the gain costs elsewhere."""
    text = f"{row.name} {number(row['difference'], places, signed=True)} {interval(row, places)}"
    if row["failures"]:
        text += f" ({row['failures']} of {row['failures'] + row['ok']} runs failed)"
    for name, digits in others.items():
        change = row[[f"{name} {key}" for key in ("difference", "low", "high")]]
        change.index = ["difference", "low", "high"]
        if row["low"] > 0 > change["high"]:
            loss = number(change["difference"], digits, signed=True)
            text += f", at the expense of {name} {loss} {interval(change, digits)}"
    return text.rstrip()


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
    return f"Of {total} runs {_join(kinds)}: {enumerate_(where)}."


def _limits(comparison: Comparison) -> list[str]:
    runs = comparison.study.runs
    limits = list(comparison.notes)
    budget = pd.to_numeric(runs["budget"], errors="coerce")
    if (budget == 0).all():
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


def _seeds(comparison: Comparison) -> str:
    runs = comparison.study.runs
    counts = runs[runs["shown"]].groupby("task")["seed"].nunique()
    low, high = counts.min(), counts.max()
    return _count(high, "seed") if low == high else f"{low} to {high} seeds"


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def _join(parts: list[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
