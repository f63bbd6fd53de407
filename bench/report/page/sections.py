"""The sections of the page: their figures and tables; what is said of one task."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...statistics.intervals import t_quantile
from ...statistics.paired import seeds_needed
from ...text.numbers import decimals, number
from ...text.words import join
from ..analysis import single_task, static_weights
from ..analysis.comparison import Comparison
from ..analysis.verdicts import VERDICTS
from ..exhibits.exhibit import PLACES, Shown
from ..read.study import Study
from ..tables.exhibit import ShownTable
from .inline import InlineFigure

FOLDED = 3  # tables with a title: so many are folded, but for those of a task


class Section(NamedTuple):
    """What stands in one section, in the order of the lists; `open` says that nothing is folded."""

    figures: list[InlineFigure]
    tables: list[ShownTable]
    open: bool


def sections(figures: Iterable[InlineFigure], tables: Iterable[ShownTable]) -> dict[str, Section]:
    """The sections that the page has once, by their place."""
    figures, tables = list(figures), list(tables)
    return {place: _section(place, "", figures, tables) for place in PLACES if place != "task"}


def of_task(
    comparison: Comparison,
    task: str,
    figures: Iterable[InlineFigure],
    tables: Iterable[ShownTable],
) -> dict[str, Any]:
    """What the template needs for one task."""
    study = comparison.study
    words = [single_task.sentence(comparison.single_task, task), _correlation(comparison, task)]
    words += [_price(study, task)] if task in comparison.stability else []
    if task in comparison.static_weights:
        words.append(static_weights.sentence(comparison.static_weights[task]))
    return {
        "name": task,
        "anchor": f"task-{study.tasks.index(task)}",  # no name can break it
        "summary": _summary(comparison, task),
        "about": _about(study, task),
        "words": [sentence for sentence in words if sentence],
        "shown": _section("task", task, figures, tables),
    }


def _section(
    place: str, task: str, figures: Iterable[InlineFigure], tables: Iterable[ShownTable]
) -> Section:
    def here(shown: Shown) -> bool:
        return shown.exhibit.place == place and (not task or shown.fields["task"] == task)

    there = [each for each in tables if each.table is not None and here(each)]
    titled = sum(bool(each.exhibit.title) for each in there)
    open_ = bool(task) or titled < FOLDED
    return Section([each for each in figures if here(each.shown)], there, open_)


def _price(study: Study, task: str) -> str:
    """What recording the gradients cost; empty where it is not known."""
    cells = study.outcomes(task).drop_duplicates("cell")
    if "diagnostic_s" not in cells or not cells["diagnostic_s"].notna().any():
        return ""
    seconds = cells["diagnostic_s"].sum()
    share = seconds / cells.loc[cells["diagnostic_s"].notna(), "wall_s"].sum()
    return (
        f"Recording the gradients of each loss took {seconds:.2g} s in all, {100 * share:.1f} % of "
        "the time of these runs."
    )


def _summary(comparison: Comparison, task: str) -> str:
    """How many strategies got which verdict."""
    counts = comparison.tasks[task]["verdict"].value_counts()
    parts = [f"{counts[verdict]} {verdict}" for verdict in VERDICTS if verdict in counts]
    return join(parts or ["nothing to compare"])


def _about(study: Study, task: str) -> list[tuple[str, str]]:
    """What a task is, as pairs of a name and words."""
    about, primary = study.plan["tasks"][task], study.primary(task)
    metric = about["metrics"][primary]
    chance = metric.get("chance")
    direction = "higher" if metric["higher_is_better"] else "lower"
    judged = f"{primary}, {direction} is better"
    judged += (
        "" if chance is None or not math.isfinite(chance) else f", {chance:g} without learning"
    )
    if metric.get("oracle") is not None:
        judged += (
            f"; its retained share runs from the loss trained alone, which the nuisance leads "
            f"astray, to {metric['oracle']:g}, the same model trained without the nuisance"
        )
    heads = [
        f"{head['name']} ({head.get('kind', 'task')}, weight {head.get('weight', 1):g})"
        for head in about.get("heads", [])
    ]
    runs = study.outcomes(task)
    training = [f"{about[key]} {key}" for key in ("seeds", "steps") if key in about]
    training += [
        f"{column.replace('_', ' ')} {_values(runs[column].dropna())}"
        for column in ("optimizer", "learning_rate", "batch_size")
        if column in runs
    ]
    return [
        ("Question", str(about.get("summary", ""))),
        ("Source", str(about.get("source", ""))),
        ("Losses", ", ".join(heads)),
        ("Primary metric", judged),
        ("Training", ", ".join(training)),
    ]


def _values(column: pd.Series) -> str:
    """One value, or the range of numbers: tuning gives each strategy its own."""
    values = column.unique()
    if pd.api.types.is_float_dtype(column) and len(values) > 1:
        return f"{values.min():.2g} to {values.max():.2g}"
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)


def _correlation(comparison: Comparison, task: str) -> str:
    """How much pairing by seed pays: the median correlation with the baseline."""
    values = comparison.tasks[task]["correlation"].dropna()
    if values.empty:
        return ""
    return (
        f"The correlation with {comparison.baseline} over the seeds is {values.median():.2f} "
        "(median over strategies); the closer to 1, the more pairing by seed pays."
        f"{_seeds(comparison, task)}"
    )


def _seeds(comparison: Comparison, task: str) -> str:
    """How many seeds it takes to find the smallest difference that matters."""
    table, size = comparison.tasks[task], comparison.margin(task)
    # From the interval back to the standard deviation that it came from.
    pairs = table["pairs"].where(table["pairs"] > 2)
    half = (table["high"] - table["low"]) / 2
    sd = (half * np.sqrt(pairs) / t_quantile(pairs - 1))[lambda s: s > 0].median()
    if not (size > 0 and sd > 0):
        return ""
    digits = decimals(table[f"{comparison.study.criterion(task)} mean"]) + 1
    return (
        f" To find a difference of {number(size, digits)}, the smallest that matters here, in 80 % "
        f"of studies takes {seeds_needed(sd, size):,.0f} seeds for the median strategy."
    )
