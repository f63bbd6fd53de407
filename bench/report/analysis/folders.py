"""Two results folders against each other, cell by cell: two versions, two machines.

A cell is (task, label, device, XLA, precision, tuning budget); its seeds pair the runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...statistics.intervals import LEVEL
from ...text.numbers import MISSING
from ...text.words import count, enumerate_
from ..read import folder
from ..read.folder import StudyError
from .folder_changes import CELL, OTHER, changes, judged


@dataclasses.dataclass(frozen=True)
class FolderComparison:
    """What has changed from A to B.

    Attributes:
        table: one row per cell of both folders, the worst first; index `CELL`:
            `pairs`: seeds that finished in both; `mean_a`, `mean_b` over them;
            `difference`, `low`, `high`: of the primary metric, B - A, positive is better;
            `relative`, `relative_low`, `relative_high`: in percent of `scale`, which is "mean" for
            |mean of A|, or "SD" over A's seeds where the mean is no larger than that (a mean near
            0 has no percent);
            `p`, `p_holm`: paired t test, corrected over all cells;
            `verdict`: a word; `time_ratio`: step time of B by that of A;
            `changed`: statuses that changed, such as "2 ok -> diverged"; `new_failures`: seeds
            that had a value in A and have none in B;
            `numbers`: whether initial weights, batches and data are the "same", "other", "not
            known";
            `conditions`: those that differ, such as "steps, learning_rate"; `unpaired`: seeds that
            one folder lacks, such as "2 seeds only in A".
        only_a, only_b: cells that one folder lacks.
        environment: what differs between the machines, "tensorflow: 2.20.0 -> 2.21.0".
        notes: of both folders, and on tasks that cannot be compared.
    """

    table: pd.DataFrame
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    environment: tuple[str, ...]
    notes: tuple[str, ...]

    def worse_than(self, percent: float) -> list[str]:
        """Cells that are surely worse by more than so many percent, or fail where they did not."""
        table = self.table
        worse = (table["p_holm"] < 1 - LEVEL) & (table["relative"] < -percent)
        return [
            f"{name(cell)} ({_reason(row)})"
            for cell, row in table[worse | (table["new_failures"] > 0)].iterrows()
        ]


def _reason(row: pd.Series) -> str:
    if row["new_failures"]:
        return count(row["new_failures"], "new failure")
    return change(row["relative"], row["scale"])


def change(relative: float, scale: str) -> str:
    """A relative change in words.

    >>> change(-5.128, "mean"), change(30.0, "SD"), change(float("nan"), "mean")
    ('-5.13 %', '+30 % SD', '-')
    """
    if np.isnan(relative):
        return MISSING
    return f"{relative:+.3g} %" + (" SD" if scale == "SD" else "")


def name(cell: tuple[Any, ...]) -> str:
    """A cell in words.

    >>> name(("two_digits", "sum", "cpu", "off", "float32", 8))
    'sum on two_digits, cpu, XLA off, float32, tuned with 8 trials'
    """
    task, label, device, xla, precision, budget = cell
    tuned = f", tuned with {count(budget, 'trial')}" if budget else ""
    return f"{label} on {task}, {device}, XLA {xla}, {precision}{tuned}"


def compare_folders(a: Path, b: Path) -> FolderComparison:
    """Compares two results folders; single-task runs and static weights are cells like others.

    Raises:
        StudyError: a folder cannot be read, or the two have no comparable cell in common.
    """
    a, b = Path(a), Path(b)
    (plan_a, runs_a, notes_a), (plan_b, runs_b, notes_b) = _read(a), _read(b)
    notes = [f"A: {note}" for note in notes_a] + [f"B: {note}" for note in notes_b]
    directions, differ = _directions(plan_a["tasks"], plan_b["tasks"])
    notes += differ
    other = _other_data(plan_a["tasks"], plan_b["tasks"])
    notes += [f"The data of {task} differ: its runs are no pairs." for task in other]
    differences, table = changes(runs_a, runs_b, directions)
    of_other = table.index.get_level_values("task").isin(other)
    table.loc[of_other, "numbers"] = OTHER
    cells_a, cells_b = _cells(runs_a), _cells(runs_b)
    if table.empty:
        raise StudyError(
            f"{a} and {b} have no comparable cell in common (task, label, device, XLA, precision, "
            f"tuning budget): A has {enumerate_(cells_a, 2)}; B has {enumerate_(cells_b, 2)}"
        )
    return FolderComparison(
        judged(differences, table),
        tuple(cell for cell in cells_a if cell not in cells_b),
        tuple(cell for cell in cells_b if cell not in cells_a),
        _environment(a, b),
        tuple(notes),
    )


def _cells(runs: pd.DataFrame) -> dict[str, None]:
    """Names of the cells, in the order of the runs."""
    cells = runs[list(CELL)].drop_duplicates()
    return dict.fromkeys(name(cell) for cell in cells.itertuples(index=False, name=None))


def _read(directory: Path) -> tuple[dict[str, Any], pd.DataFrame, list[str]]:
    if not directory.is_dir():
        raise StudyError(f"{directory} is no folder: {folder.RERUN}")
    plan = folder.plan(directory)
    return plan, *folder.runs(directory, plan)


def _directions(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[dict[str, float], list[str]]:
    """Task to +1 or -1, and sentences on tasks that the folders judge by different metrics."""
    directions, notes = {}, []
    for task in (task for task in a if task in b):
        judged = [
            (about["primary"], bool(about["metrics"][about["primary"]]["higher_is_better"]))
            for about in (a[task], b[task])
        ]
        if judged[0] == judged[1]:
            directions[task] = 1.0 if judged[0][1] else -1.0
        else:
            (first, up_a), (second, up_b) = judged
            words = {True: "higher", False: "lower"}
            notes.append(
                f"{task} is not compared: A judges it by {first} ({words[up_a]} is better), B by "
                f"{second} ({words[up_b]} is better)."
            )
    return directions, notes


def _other_data(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """Tasks of both folders that ran on different arrays, as far as both know theirs."""
    return [
        task
        for task in (task for task in a if task in b)
        if "" not in (data := {about.get("data", "") for about in (a[task], b[task])})
        and len(data) > 1
    ]


def _environment(a: Path, b: Path) -> tuple[str, ...]:
    before, after = (folder.environment(directory) for directory in (a, b))
    if absent := [side for side, env in (("A", before), ("B", after)) if env is None]:
        return (f"{' and '.join(absent)} without env.json: where that ran is not known",)
    before, after, none = before or {}, after or {}, "not recorded"
    keys = [*before, *(key for key in after if key not in before)]
    changed = {key: (before.get(key, none), after.get(key, none)) for key in keys}
    return tuple(f"{key}: {x} -> {y}" for key, (x, y) in changed.items() if x != y)
