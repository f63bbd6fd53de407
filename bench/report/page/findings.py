"""What is said of the strategies, in words with intervals: on a task, and over all tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from ...statistics.family import few
from ...text.numbers import decimals, interval, number
from ...text.words import some
from ..analysis.comparison import Comparison
from ..analysis.verdicts import (
    ALL_FAILED,
    BETTER,
    EQUIVALENT,
    IDENTICAL,
    IS_BASELINE,
    NOT_RUN,
    NOT_SHOWN,
    SHOWN_BETTER,
    VERDICTS,
    WORSE,
    tested,
)
from ..read.criterion import SCORE

_LISTED = 8  # strategies named without figures before "and n more"
_FIGURES = ["difference", "low", "high"]


class Finding(NamedTuple):
    """What is said of some strategies: the words, who, and a tone for its colour."""

    lead: str
    items: list[str]
    tone: str = ""
    listed: bool = False  # the items carry figures: a line each

    def __str__(self) -> str:
        return f"{self.lead}: {', '.join(self.items)}." if self.items else f"{self.lead}."


def findings(comparison: Comparison, task: str) -> list[Finding]:
    """The findings of one task, the clearest first."""
    table, baseline = comparison.tasks[task], comparison.baseline
    # Equal on every seed is told apart from an interval too narrow to matter.
    same = (table["verdict"] == EQUIVALENT) & (table["low"] == 0) & (table["high"] == 0)
    table = table.assign(verdict=table["verdict"].mask(same, IDENTICAL))
    absent = table["verdict"].isin([ALL_FAILED, NOT_RUN])
    size = number(comparison.margin(task), _places(comparison, task) + 1)
    return [
        Finding(_first(comparison, task), []),
        *told(table[~absent], _with_interval(comparison, task), baseline, inside=size),
        *_second(comparison, task),
        *_delta_m(comparison, task),
        *told(table[absent], str, baseline),
    ]


def over_tasks(comparison: Comparison) -> list[Finding]:
    """Over all tasks: who is better, worse, practically equal, undecided."""
    leaderboard, baseline = comparison.leaderboard, comparison.baseline
    if leaderboard is None:
        return []
    table = (100 * leaderboard.differences[_FIGURES]).join(leaderboard.differences["verdict"])
    table = table.drop(index=baseline).sort_values("difference", ascending=False)
    where = " over all tasks"
    inside = f"{100 * leaderboard.rope:g} points"
    table = table.join(100 * leaderboard.table["worst"]).join(leaderboard.table["worst_task"])
    found = told(table, _with_worst, baseline, where, inside, most=3)
    return [finding._replace(listed=False) for finding in found]


def _with_worst(row: pd.Series) -> str:
    """The mean difference over tasks, and the worst of them where it is below 0."""
    text = _interval(row, 1, " points")
    if row["worst"] < 0:
        text += f", {number(row['worst'], 1, signed=True)} on {row['worst_task']}"
    return text


def told(
    table: pd.DataFrame,
    say: Callable[[pd.Series], str],
    baseline: str,
    where: str = "",
    inside: str = "",
    most: int = 4,
) -> list[Finding]:
    """A finding per verdict of a table, in the order of VERDICTS.

    Args:
        table: `difference` and `verdict` per label, and what `say` needs.
        say: a strategy with its figures.
        baseline: what they are compared with.
        where: the place, beginning with a space.
        inside: the region of practical equivalence.
        most: so many strategies with figures before "and n more".
    """
    groups: dict[str, list[str]] = {}
    for verdict, how in VERDICTS.items():
        if how.lead:
            groups.setdefault(how.lead, []).append(verdict)
    found = []
    for lead, verdicts in groups.items():
        chosen, how = table[table["verdict"].isin(verdicts)], VERDICTS[verdicts[0]]
        if chosen.empty:
            continue
        if how.first:
            size = chosen["difference"].abs() if how.first == "largest" else chosen["difference"]
            order = size.sort_values(ascending=how.first == "lowest").index
            items = some([say(row) for _, row in chosen.loc[order].iterrows()], most)
        else:
            items = some(map(str, chosen.index), _LISTED)
        words = lead.format(baseline=baseline, where=where, inside=inside)
        found.append(Finding(words, items, how.tone, listed=bool(how.first)))
    return found


def _first(comparison: Comparison, task: str) -> str:
    study, baseline = comparison.study, comparison.baseline
    criterion, row = study.criterion(task), comparison.tasks[task].loc[baseline]
    if row["verdict"] == NOT_RUN:
        return f"{baseline} has not run"
    if not row["ok"]:
        return f"No run of {baseline} finished"
    direction = "higher" if study.metrics(task)[criterion]["higher_is_better"] else "lower"
    places = _places(comparison, task)
    mean = number(row[f"{criterion} mean"], places)
    words = f"{baseline} reaches {mean} {criterion} ({direction} is better"
    if criterion == SCORE:
        words = f"{baseline} scores {mean} % (100 is perfect in all heads"
    if "untuned mean" in row:
        words += f"; {number(row['untuned mean'], places)} before tuning"
    return f"{words})"


def _places(comparison: Comparison, task: str) -> int:
    return decimals(comparison.tasks[task][f"{comparison.study.criterion(task)} mean"])


def _second(comparison: Comparison, task: str) -> list[Finding]:
    """Who beats tuned static weights."""
    second, places = comparison.second, _places(comparison, task)
    if second is None or f"{second} p_adjusted" not in comparison.tasks[task]:
        return []
    table = _tested(comparison.tasks[task], second)
    other = f"tuned static weights ({second})"
    better = table[table["verdict"] == BETTER]
    if better.empty and table["pairs"].max() > few(comparison.study.clustered):
        return [Finding(f"None is shown to beat {other}", [])]
    return told(better, lambda row: _interval(row, places), other)


def _delta_m(comparison: Comparison, task: str) -> list[Finding]:
    """Where the heads together differ although the primary metric does not."""
    table = comparison.tasks[task]
    if "delta_m p_adjusted" not in table:
        return []
    unsure = ~table["verdict"].isin([*SHOWN_BETTER, WORSE, IS_BASELINE])
    other = _tested(table[unsure], "delta_m")
    other = other[other["verdict"] != NOT_SHOWN]
    where = " over all heads (Δm, %), not shown on the primary metric"
    return told(other, lambda row: _interval(row, 1), comparison.baseline, where)


def _tested(table: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Another paired comparison of a task's table, and what its corrected test says."""
    keys = {f"{prefix} {key}": key for key in (*_FIGURES, "pairs", "with_losses", "p_adjusted")}
    found = table[list(keys)].rename(columns=keys)
    return found.assign(verdict=tested(found["with_losses"], found["p_adjusted"]))


def _with_interval(comparison: Comparison, task: str) -> Callable[[pd.Series], str]:
    """A strategy and its difference; what failed, and what the gain costs elsewhere."""
    table, margin = comparison.tasks[task], comparison.margin(task)
    places, metrics = _places(comparison, task), comparison.study.metrics(task)
    others = {name: decimals(table[f"{name} mean"]) for name in metrics if f"{name} low" in table}

    def say(row: pd.Series) -> str:
        text = _interval(row, places)
        if row["failures"]:
            text += f" ({row['failures']} of {row['failures'] + row['ok']} runs failed)"
        if row["low"] >= -margin and row["high"] <= margin:
            text += ", too small to matter"
        for name, digits in others.items():
            change = row[[f"{name} {key}" for key in _FIGURES]].set_axis(_FIGURES).rename(name)
            if row["low"] > 0 > change["high"]:
                text += f", at the expense of {_interval(change, digits)}"
        return text.rstrip()

    return say


def _interval(row: pd.Series, places: int, unit: str = "") -> str:
    """A name, its difference and the interval."""
    difference = number(row["difference"], places, signed=True)
    return f"{row.name} {difference}{unit} {interval(row, places)}"
