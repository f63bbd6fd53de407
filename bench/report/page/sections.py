"""What the page says of one task: its figures in order, sentences and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from ...text.words import join
from ..analysis import single_task, static_weights
from ..analysis.comparison import Comparison
from ..analysis.verdicts import VERDICTS
from ..read.study import Study
from ..tables.stability import stability_table
from ..tables.static_weights import front_table
from ..tables.table import Table
from ..tables.task import task_table
from ..tables.tuning import tuning_table
from . import captions

ORDER = ("differences", "curves", "trade-off", "stability", "conflict", "trials", "best-of-k")


class Shown(NamedTuple):
    """A table of the page: with a title it can be folded."""

    table: Table
    anchor: str
    caption: str
    title: str = ""


def section(
    comparison: Comparison, task: str, i: int, figures: Mapping[str, Any]
) -> dict[str, Any]:
    """What the template needs for one task.

    Args:
        i: number of the task, for ids that no name can break.
        figures: kind to figure.
    """
    study, anchor = comparison.study, f"task-{i}"
    words = [single_task.sentence(comparison.single_task, task), _correlation(comparison, task)]
    tables = [
        Shown(task_table(comparison, task), f"{anchor}-table", captions.task(comparison, task))
    ]
    if (steady := stability_table(comparison, task)) is not None:
        words.append(_price(study, task))
        tables.append(Shown(steady, f"{anchor}-stability", captions.STABILITY, "Stability"))
    if (front := front_table(comparison, task)) is not None:
        words.append(static_weights.sentence(comparison.static_weights[task]))
        title = "Strategies against the curve of constant weights"
        tables.append(Shown(front, f"{anchor}-front", captions.FRONT, title))
    if (trials := tuning_table(comparison, task)) is not None:
        title = "What tuning found"
        tables.append(Shown(trials, f"{anchor}-tuning", captions.TUNING, title))
    return {
        "name": task,
        "anchor": anchor,
        "summary": _summary(comparison, task),
        "about": _about(study, task),
        "figures": [figures[kind] for kind in ORDER if kind in figures],
        "words": [sentence for sentence in words if sentence],
        "tables": tables,
    }


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
    )
