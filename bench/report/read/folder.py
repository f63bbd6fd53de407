"""The files of a results folder, checked: plan.json, env.json, runs.parquet, trials.parquet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...text.words import enumerate_

SCHEMA = 2
STATUSES = ("ok", "diverged", "crashed", "failed")
NEEDED = (
    "strategy",
    "label",
    "task",
    "seed",
    "cell",
    "device",
    "xla",
    "precision",
    "status",
    "primary_metric",
    "step_time_us",
)
# What an older or a partial table may lack, and what stands in its place.
OPTIONAL: Mapping[str, Any] = {
    "reason": "",
    "bad_step": float("nan"),
    "pairing": None,
    "contract": "",
    "cost": "",
    "steps": float("nan"),
    "compile_s": float("nan"),
    "wall_s": float("nan"),
    "delta_m": float("nan"),
    "normalized_score": float("nan"),
    "budget": float("nan"),
}
FURTHER = ("learning_rate", "batch_size", "optimizer", "diagnostic_s")
PREFIXES = ("metric/", "hp/", "stability/")
TRIAL_COLUMNS = ("task", "label", "trial", "status", "score", "learning_rate", "chosen")
RERUN = "run `lossbench run --out DIR` first"


class StudyError(ValueError):
    """A results folder that cannot be read; the message says what is missing and what to do."""


def plan(directory: Path) -> dict[str, Any]:
    """plan.json.

    Raises:
        StudyError: there is none, or it has another schema, or it lacks something.
    """
    content = read_json(directory / "plan.json")
    if content is None:
        raise StudyError(f"{directory} has no plan.json, so it is no results folder: {RERUN}")
    if content.get("schema") != SCHEMA:
        raise StudyError(
            f"{directory}/plan.json has schema {content.get('schema')!r} and this lossbench reads "
            f"schema {SCHEMA}: use the version that wrote it, or run the study again"
        )
    missing = [key for key in ("strategies", "tasks") if not content.get(key)]
    for task, about in (content.get("tasks") or {}).items():
        missing += [f"tasks.{task}.{key}" for key in ("primary", "metrics") if not about.get(key)]
        primary = about.get("primary")
        if primary and about.get("metrics") and primary not in about["metrics"]:
            missing.append(f"tasks.{task}.metrics[{primary!r}]")
    if missing:
        raise StudyError(f"{directory}/plan.json lacks {', '.join(missing)}: {RERUN}")
    return content


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object; None where there is no file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} cannot be read ({error}): {RERUN}") from error
    if not isinstance(content, dict):
        raise StudyError(f"{path} holds no JSON object: {RERUN}")
    return content


def runs(directory: Path, plan: Mapping[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """The rows of the plan's cells with all columns of OPTIONAL, `variant`, and a whole `budget`.

    Returns:
        The table, and sentences on what is odd about it.

    Raises:
        StudyError: no table, no rows, missing columns, or tasks that the plan does not describe.
    """
    path, notes = directory / "runs.parquet", []
    if not path.is_file():
        raise StudyError(f"{directory} has no runs.parquet, so nothing has run yet: {RERUN}")
    table = _parquet(path)
    missing = [column for column in NEEDED if column not in table]
    if missing:
        raise StudyError(f"{path} lacks the columns {', '.join(missing)}: run the study again")
    if unknown := [str(column) for column in table if not _known(str(column))]:
        notes.append(f"Unknown columns of runs.parquet are ignored: {enumerate_(unknown)}.")
        table = table.drop(columns=unknown)
    cells = plan.get("cells")
    if cells:
        mine = table["cell"].isin(cells)
        if others := table.loc[~mine, "cell"].nunique():
            notes.append(f"Stored cells of other plans that are not shown: {others}.")
        table = table[mine]
    if table.empty:
        raise StudyError(f"{path} has no rows of this plan, so nothing has run yet: {RERUN}")
    unknown = sorted(set(table["task"]) - set(plan["tasks"]))
    if unknown:
        raise StudyError(
            f"{path} has runs of {', '.join(unknown)}, which plan.json does not describe: "
            "run the study again into a new folder"
        )
    table = table.assign(**{k: v for k, v in OPTIONAL.items() if k not in table})
    # An infinite metric has no mean: it is no value.
    table = table.assign(primary_metric=table["primary_metric"].replace([np.inf, -np.inf], np.nan))
    odd = ~table["status"].isin(STATUSES)
    if odd.any():
        names = ", ".join(sorted(map(str, table.loc[odd, "status"].unique())))
        notes.append(f"{odd.sum()} runs have an unknown status ({names}); they count as failed.")
        table = table.assign(status=table["status"].mask(odd, "failed"))
    budget = pd.to_numeric(table["budget"], errors="coerce")
    if budget.isna().any():
        notes.append(
            f"The number of tuning trials of {budget.isna().sum()} runs is not recorded: they "
            "count as untuned."
        )
    table = table.assign(
        variant=_variant(table),
        reason=table["reason"].fillna(""),
        budget=budget.fillna(0).astype(int),
    )
    return _latest(table, cells or [], notes), notes


def trials(directory: Path) -> tuple[pd.DataFrame, list[str]]:
    """trials.parquet: one row per (cell, trial); empty with its columns where nothing was tuned.

    Returns:
        The table, and a sentence where the file cannot be used: the runs can be reported all the
        same.
    """
    path = directory / "trials.parquet"
    if not path.is_file():
        return pd.DataFrame(columns=list(TRIAL_COLUMNS)), []
    unknown = "how the settings were tuned is not shown."
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError):
        return pd.DataFrame(columns=list(TRIAL_COLUMNS)), [
            f"trials.parquet is no readable Parquet file: {unknown}"
        ]
    missing = [column for column in TRIAL_COLUMNS if column not in table]
    if missing:
        return pd.DataFrame(columns=list(TRIAL_COLUMNS)), [
            f"trials.parquet lacks the columns {', '.join(missing)}: {unknown}"
        ]
    table = table.assign(
        score=pd.to_numeric(table["score"], errors="coerce"),
        chosen=table["chosen"].fillna(False).astype(bool),
    )
    # A setting that was tuned twice counts once: the later one.
    return table.drop_duplicates(["task", "label", "trial"], keep="last"), []


def other_schemas(directory: Path) -> list[str]:
    """A sentence on stored cells that another version wrote: they are in no table."""
    schemas: dict[str, int] = {}
    for path in sorted((directory / "cells").glob("[!.]*/spec.json")):
        try:
            schema = json.loads(path.read_text(encoding="utf-8")).get("schema")
        except (OSError, ValueError, AttributeError):
            schema = "unreadable"
        if schema != SCHEMA:
            schemas[str(schema)] = schemas.get(str(schema), 0) + 1
    if not schemas:
        return []
    words = ", ".join(f"{schema}: {n}" for schema, n in schemas.items())
    return [
        f"Stored cells of other schema versions that are not shown ({words}; this one reads "
        f"{SCHEMA}): {sum(schemas.values())}. Run the study again to have them here."
    ]


def _parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} is no readable Parquet file ({error}): {RERUN}") from error


def _known(column: str) -> bool:
    return column in (*NEEDED, *OPTIONAL, *FURTHER) or column.startswith(PREFIXES)


def _variant(table: pd.DataFrame) -> pd.Series:
    variant = table["device"].astype(str) + ", XLA " + table["xla"].astype(str)
    if table["precision"].nunique() > 1:
        variant = variant + ", " + table["precision"].astype(str)
    return variant


def _latest(table: pd.DataFrame, cells: list[str], notes: list[str]) -> pd.DataFrame:
    """One cell per (label, task, variant, budget): the last one of the plan."""
    order = {cell: i for i, cell in enumerate(cells)}
    table = table.assign(_order=table["cell"].map(order).fillna(-1)).sort_values(
        ["_order", "seed"], kind="stable"
    )
    key = ["label", "task", "variant", "budget", "seed"]
    if twice := int(table.duplicated(key, keep="last").sum()):
        notes.append(f"{twice} runs are there twice (same label, task and seed): the last counts.")
        table = table.drop_duplicates(key, keep="last")
    return table.drop(columns="_order").reset_index(drop=True)
