"""What one task says of each strategy, in words with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from ...statistics.intervals import LEVEL
from ...statistics.paired import DESCRIPTIVE
from ...text.numbers import decimals, interval, number
from ...text.words import some
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
)

NAMED = 4  # strategies named with their interval before "and n more"
_UNTESTED = 8  # strategies named without


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
    study, table = comparison.study, comparison.tasks[task]
    primary, baseline = study.primary(task), comparison.baseline
    places = decimals(table[f"{primary} mean"])
    others = {
        name: decimals(table[f"{name} mean"])
        for name in study.metrics(task)
        if f"{name} low" in table
    }
    found = [Finding(_first(comparison, task, places), [])]
    groups = [
        ((BETTER, BETTER_BUT_FAILS), f"Better than {baseline}", False, "better"),
        ((WORSE,), f"Worse than {baseline}", True, "worse"),
        ((LEANS_BETTER,), "Better by the interval alone, not after the correction", False, ""),
        ((LEANS_WORSE,), "Worse by the interval alone, not after the correction", True, ""),
        (
            (DESCRIPTIVE_ONLY,),
            f"{DESCRIPTIVE} seeds or fewer are too few to tell from {baseline}; the largest "
            "differences",
            None,
            "",
        ),
    ]
    for verdicts, words, ascending, tone in groups:
        chosen = table[table["verdict"].isin(verdicts)]
        if ascending is None:
            chosen = chosen.loc[chosen["difference"].abs().sort_values(ascending=False).index]
        else:
            chosen = chosen.sort_values("difference", ascending=ascending)
        if not chosen.empty:
            size = comparison.margin(task)
            named = [_with_interval(row, places, others, size) for _, row in chosen.iterrows()]
            found.append(Finding(words, some(named, NAMED), tone, listed=True))
    found += _equivalent(comparison, task, places)
    unshown = table[table["verdict"] == NOT_SHOWN]
    if not unshown.empty:
        found.append(Finding("No difference could be shown for", some(unshown.index, _UNTESTED)))
    found += [*_second(comparison, task, places), *_delta_m(comparison, task)]
    if empty := [
        str(label)
        for label, row in table.iterrows()
        if row["failures"] and not row["ok"] and row["verdict"] != IS_BASELINE
    ]:
        found.append(Finding("No run finished", some(empty), "failed"))
    if absent := list(table.index[table["verdict"] == NOT_RUN]):
        found.append(Finding("Not run", some(absent)))
    return found


def _first(comparison: Comparison, task: str, places: int) -> str:
    study, baseline = comparison.study, comparison.baseline
    primary, row = study.primary(task), comparison.tasks[task].loc[baseline]
    if row["verdict"] == NOT_RUN:
        return f"{baseline} has not run"
    if not row["ok"]:
        return f"No run of {baseline} finished"
    direction = "higher" if study.metrics(task)[primary]["higher_is_better"] else "lower"
    mean = number(row[f"{primary} mean"], places)
    words = f"{baseline} reaches {mean} {primary} ({direction} is better"
    if "untuned mean" in row:
        words += f"; {number(row['untuned mean'], places)} before tuning"
    return f"{words})"


def _equivalent(comparison: Comparison, task: str, places: int) -> Iterable[Finding]:
    """Who equals the baseline on every seed, and whose interval is too narrow to matter."""
    table, baseline = comparison.tasks[task], comparison.baseline
    chosen = table[table["verdict"] == EQUIVALENT]
    same = (chosen["low"] == 0) & (chosen["high"] == 0)
    if same.any():
        words = f"Equivalent to {baseline}, the same value on every seed"
        yield Finding(words, some(chosen.index[same], _UNTESTED))
    if not same.all():
        size = number(comparison.margin(task), places + 1)
        words = f"Equivalent to {baseline}, the interval inside ±{size}"
        yield Finding(words, some(chosen.index[~same], _UNTESTED))


def _second(comparison: Comparison, task: str, places: int) -> Iterable[Finding]:
    """Who beats tuned constant weights."""
    table, second = comparison.tasks[task], comparison.second
    if second is None or f"{second} p_holm" not in table:
        return
    keys = {f"{second} {key}": key for key in ("difference", "low", "high")}
    sure = table[table[f"{second} p_holm"] < 1 - LEVEL]
    better = sure[sure[f"{second} difference"] > 0]
    better = better.sort_values(f"{second} difference", ascending=False)
    named = [
        _interval(str(label), row.rename(keys), places)
        for label, row in better[list(keys)].iterrows()
    ]
    if named:
        words = f"Better than tuned constant weights ({second})"
        yield Finding(words, some(named, NAMED), "better", listed=True)
    elif table[f"{second} pairs"].max() > DESCRIPTIVE:
        yield Finding(f"None is shown to beat tuned constant weights ({second})", [])


def _delta_m(comparison: Comparison, task: str) -> Iterable[Finding]:
    """Where the heads together differ although the primary metric does not."""
    table = comparison.tasks[task]
    if "delta_m p_holm" not in table:
        return
    unsure = ~table["verdict"].isin([BETTER, BETTER_BUT_FAILS, WORSE, IS_BASELINE])
    sure = table[unsure & (table["delta_m p_holm"] < 1 - LEVEL)]
    keys = {f"delta_m {key}": key for key in ("difference", "low", "high")}
    sure = sure[list(keys)].rename(columns=keys).sort_values("difference", ascending=False)
    sides = (
        (
            sure[sure["difference"] > 0],
            "better",
            "Better over all heads (Δm, %), not shown on the primary metric",
        ),
        (
            sure[sure["difference"] < 0][::-1],
            "worse",
            "Worse over all heads (Δm, %), not shown on the primary metric",
        ),
    )
    for chosen, tone, words in sides:
        if not chosen.empty:
            named = [_interval(str(label), row, 1) for label, row in chosen.iterrows()]
            yield Finding(words, some(named, NAMED), tone, listed=True)


def _with_interval(row: pd.Series, places: int, others: Mapping[str, int], margin: float) -> str:
    """A strategy, its difference and interval; what failed, and what the gain costs elsewhere."""
    text = _interval(str(row.name), row, places)
    if row["failures"]:
        text += f" ({row['failures']} of {row['failures'] + row['ok']} runs failed)"
    if row["low"] >= -margin and row["high"] <= margin:
        text += ", too small to matter"
    for name, digits in others.items():
        change = row[[f"{name} {key}" for key in ("difference", "low", "high")]]
        change.index = ["difference", "low", "high"]
        if row["low"] > 0 > change["high"]:
            text += f", at the expense of {_interval(name, change, digits)}"
    return text.rstrip()


def _interval(name: str, row: pd.Series, places: int) -> str:
    return f"{name} {number(row['difference'], places, signed=True)} {interval(row, places)}"
