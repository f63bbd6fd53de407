"""The cells of a results folder as tables: one tidy row per (cell, seed), one per trial."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Container, Iterable, Sequence
from typing import Any

import pandas as pd

from . import parquet_table
from .schema import (
    CELL_OF_TRIAL,
    HYPERPARAMETER,
    METRIC,
    OPTIONAL_RUN_COLUMNS,
    RUN_COLUMNS,
    STABILITY,
    TRIAL_COLUMNS,
    TRIALS,
    metric,
)
from .scores import score
from .stored import Stored

# What a run and its single-task run share beside the seed: all that pairs them. Not the device,
# and whether XLA compiled: the same numbers up to rounding.
PAIRED = (
    *("task_name", "steps", "batch_size", "learning_rate", "optimizer", "precision", "heads"),
    "budget",
)
# What two cells share when one of them replaces the other.
SAME = ("label", "hyperparameters", "seeds", "device", "xla", *PAIRED)


@dataclasses.dataclass(frozen=True)
class Collected:
    """The tables that follow from the cells of a results folder: runs.parquet, trials.parquet."""

    runs: pd.DataFrame
    trials: pd.DataFrame


def collect(cells: Iterable[Stored], planned: Container[str]) -> Collected:
    """The tables of all cells that are there.

    Of cells that specify the same, that of the plan counts, else the later one.

    Args:
        cells: all that could be read.
        planned: keys of the plan's cells.
    """
    latest: dict[str, Stored] = {}
    for cell in sorted(cells, key=lambda c: (c.key in planned, c.result["finished"], c.key)):
        latest.pop(same := cell.same(SAME), None)
        latest[same] = cell
    return Collected(_runs(list(latest.values()), planned), _trials(latest.values()))


def _runs(cells: Sequence[Stored], planned: Container[str]) -> pd.DataFrame:
    """One row per (cell, seed), failures included.

    A run of the plan is held against single-task runs of the plan: both are of today's code. What
    a task is, its last result says.
    """
    rows = [row for cell in sorted(cells, key=lambda cell: cell.key) for row in _rows(cell)]
    if not rows:
        return pd.DataFrame(columns=list(RUN_COLUMNS))
    frame = pd.DataFrame(rows)
    numbers = [name for name in frame if str(name).startswith((METRIC, STABILITY))]
    frame = parquet_table.typed(
        frame.astype(dict.fromkeys(numbers, float)), {**RUN_COLUMNS, **OPTIONAL_RUN_COLUMNS}
    )
    frame = frame.sort_values(["task", "label", "xla", "seed"], ignore_index=True)
    conditions = {cell.key: (cell.key in planned, cell.same(PAIRED)) for cell in cells}
    heads = {cell.spec["task_name"]: cell.result["heads"] for cell in cells}
    return score(frame, conditions, heads)


def _trials(cells: Iterable[Stored]) -> pd.DataFrame:
    """What tuning tried, one row per (cell, trial)."""
    parts = []
    for cell in sorted(cells, key=lambda cell: cell.key):
        try:
            table = parquet_table.read(cell.folder / TRIALS, TRIAL_COLUMNS)
        except (FileNotFoundError, parquet_table.TableError):
            continue  # untuned, or nothing can be said of how it was tuned
        about = (cell.key, cell.spec["task_name"], cell.spec["label"])
        parts.append(table.assign(**dict(zip(CELL_OF_TRIAL, about, strict=True))))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _rows(cell: Stored) -> list[dict[str, Any]]:
    spec, result = cell.spec, cell.result
    shared = {
        "strategy": spec["label"].partition("(")[0],
        "task": spec["task_name"],
        "xla": "on" if spec["xla"] else "off",
        "budget": spec["budget"],
        "cell": cell.key,
        "contract": result["contract"],
        "cost": result["cost"],
        **{key: spec[key] for key in ("device", "precision", "steps", "label")},
        **{key: spec[key] for key in ("batch_size", "optimizer")},
        **result["timing"],
    }
    primary = metric(result["primary"], "test")
    return [
        {
            **shared,
            **_configuration(result, row),
            **row,
            "primary_metric": row.get(primary, math.nan),
        }
        for row in result["seeds"]
    ]


def _configuration(result: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """What the row's tuning chose; older cells have one configuration for all."""
    tunings = result.get("tunings") or [result]
    chosen = tunings[int(row.get("tuning") or 0) % len(tunings)]
    return {
        "learning_rate": chosen["learning_rate"],
        **{
            f"{HYPERPARAMETER}{key}": json.dumps(value)
            for key, value in chosen["hyperparameters"].items()
        },
    }
