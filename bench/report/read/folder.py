"""The files of a results folder, checked: plan.json, env.json, runs.parquet, trials.parquet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...store import json_object, parquet_table
from ...store.schema import (
    CELL_OF_TRIAL,
    ENVIRONMENT,
    OPTIONAL_RUN_COLUMNS,
    PLAN,
    PLANNED,
    PREFIXES,
    RUN_COLUMNS,
    RUNS,
    SCHEMA,
    TRIAL_COLUMNS,
    TRIALS,
    other_version,
)
from ...store.store import Store
from ...text.words import count, enumerate_

RERUN = "run `lossbench run --out DIR` first"
COLUMNS = {RUNS: RUN_COLUMNS, TRIALS: {**TRIAL_COLUMNS, **CELL_OF_TRIAL}}


class StudyError(ValueError):
    """A results folder that cannot be read; the message says what is missing and what to do."""


def plan(directory: Path) -> dict[str, Any]:
    """plan.json.

    Raises:
        StudyError: there is none, or it is of another version, or it lacks something.
    """
    content = _json(directory / PLAN, {})
    if content is None:
        raise StudyError(f"{directory} has no {PLAN}, so it is no results folder: {RERUN}")
    if content.get("schema") != SCHEMA:
        raise StudyError(other_version(directory, content.get("schema")))
    content = _json(directory / PLAN, PLANNED) or {}
    for task, about in content["tasks"].items():
        if about["primary"] not in about["metrics"]:
            lacking = f"tasks.{task}.metrics[{about['primary']!r}]"
            raise StudyError(f"{directory}/{PLAN} lacks {lacking}: {RERUN}")
    if not content["strategies"] or not content["tasks"]:
        raise StudyError(f"{directory}/{PLAN} names no strategies or no tasks: {RERUN}")
    return content


def environment(directory: Path) -> dict[str, Any] | None:
    """env.json; None where there is none.

    Raises:
        StudyError: it holds no JSON object.
    """
    return _json(directory / ENVIRONMENT, {})


def collect(directory: Path) -> list[str]:
    """Bring the tables up to date with the cells: a run that was stopped left them behind.

    Returns:
        A sentence where they can't be written; the report is of the cells all the same.
    """
    store = Store(directory)
    try:
        if store.stale():
            store.collect()
    except OSError as error:
        return [
            f"{RUNS} is not up to date and can't be written ({error.strerror or error}): this "
            "report is of the cells themselves."
        ]
    return []


def collected(directory: Path, name: str) -> pd.DataFrame | None:
    """runs.parquet or trials.parquet of all cells; from the cells themselves where these are newer.

    Raises:
        StudyError: it is no table of this version.
    """
    store = Store(directory)
    if store.stale():
        found = store.gathered()
        if not found.runs.empty:
            table = found.runs if name == RUNS else found.trials
            return None if table.empty else table
    try:
        return parquet_table.read(directory / name, COLUMNS[name])
    except FileNotFoundError:
        return None
    except parquet_table.TableError as error:
        raise StudyError(f"{error}: run again into another folder with --out") from error


def runs(directory: Path, plan: Mapping[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """The rows of the plan's cells, with `variant`; writes nothing.

    Returns:
        The table, and sentences on what is odd about it.

    Raises:
        StudyError: no table, no rows, missing columns, or tasks that the plan does not describe.
    """
    path, notes = directory / RUNS, []
    table = collected(directory, RUNS)
    if table is None:
        raise StudyError(f"{directory} has no {RUNS}, so nothing has run yet: {RERUN}")
    notes += _refused(directory, set(table["cell"]))
    columns = map(str, table.columns)
    unknown = [
        c
        for c in columns
        if c not in (*RUN_COLUMNS, *OPTIONAL_RUN_COLUMNS) and not c.startswith(PREFIXES)
    ]
    if unknown:
        notes.append(f"Unknown columns of {RUNS} are ignored: {enumerate_(unknown)}.")
        table = table.drop(columns=unknown)
    mine = table["cell"].isin(plan["cells"])
    if others := table.loc[~mine, "cell"].nunique():
        notes.append(f"Stored cells of other plans that are not shown: {others}.")
    table = table[mine]
    if table.empty:
        raise StudyError(f"{path} has no rows of this plan, so nothing has run yet: {RERUN}")
    if unknown := sorted(set(table["task"]) - set(plan["tasks"])):
        raise StudyError(
            f"{path} has runs of {', '.join(unknown)}, which {PLAN} does not describe: "
            "run the study again into a new folder"
        )
    # An infinite metric has no mean: it is no value.
    finite = table["primary_metric"].replace([np.inf, -np.inf], np.nan)
    more = {name: np.nan for name in OPTIONAL_RUN_COLUMNS if name not in table}
    table = table.assign(primary_metric=finite, variant=_variant(table), **more)
    return _latest(table, plan["cells"], notes), notes


def trials(directory: Path, plan: Mapping[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """The trials of the plan's cells, one row each; empty with its columns where nothing was tuned.

    Returns:
        The table, and a sentence where the file cannot be used: the runs can be reported all the
        same.
    """
    nothing = pd.DataFrame(columns=[*COLUMNS[TRIALS], "tuning"])
    try:
        table = collected(directory, TRIALS)
    except StudyError as error:
        return nothing, [f"{error}: how the strategies were tuned is not shown."]
    if table is None:
        return nothing, []
    table = table[table["cell"].isin(plan["cells"])]
    if "tuning" not in table:
        table = table.assign(tuning=0)
    # What was tuned twice counts once.
    return table.drop_duplicates(["task", "label", "tuning", "trial"], keep="last"), []


def _json(path: Path, shape: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        return json_object.read(path, shape)
    except FileNotFoundError:
        return None
    except json_object.ObjectError as error:
        raise StudyError(f"{path.parent}/{error}: {RERUN}") from error


def _refused(directory: Path, known: set[str]) -> list[str]:
    """A sentence on stored cells that are in no table."""
    refused = Store(directory).refused(known)
    if not refused:
        return []
    reasons = list(refused.values())
    words = enumerate_([f"{reasons.count(reason)} {reason}" for reason in dict.fromkeys(reasons)])
    return [
        f"{count(len(refused), 'stored cell')} can't be read and are not shown ({words}; this "
        f"lossbench reads schema {SCHEMA}): `lossbench run` trains those of its plan again."
    ]


def _variant(table: pd.DataFrame) -> pd.Series:
    variant = table["device"].astype(str) + ", XLA " + table["xla"].astype(str)
    if table["precision"].nunique() > 1:
        variant = variant + ", " + table["precision"].astype(str)
    return variant


def _latest(table: pd.DataFrame, cells: list[str], notes: list[str]) -> pd.DataFrame:
    """One cell per (label, task, variant, budget): the last one of the plan."""
    order = {cell: i for i, cell in enumerate(cells)}
    table = table.assign(_order=table["cell"].map(order)).sort_values(
        ["_order", "seed"], kind="stable"
    )
    key = ["label", "task", "variant", "budget", "seed"]
    if twice := int(table.duplicated(key, keep="last").sum()):
        notes.append(f"{twice} runs are there twice (same label, task and seed): the last counts.")
        table = table.drop_duplicates(key, keep="last")
    return table.drop(columns="_order").reset_index(drop=True)
