"""What a results folder holds: files, statuses, columns and keys; imports nothing heavy.

Whoever changes a name or a type here counts SCHEMA up: folders of another schema are refused, not
guessed at. A shape says what a value must be: a type or several, `OneOf`, `Each` (a list), `Named`
(an object, any name to a shape), or a dictionary of the keys that an object must have (REST: the
shape of all others; without it they may be anything).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCHEMA = 2

# ---- files

PLAN, ENVIRONMENT = "plan.json", "env.json"
CELLS, SPEC, RESULT, SERIES = "cells", "spec.json", "result.json", "series.parquet"
RUNS, TRIALS = "runs.parquet", "trials.parquet"
TIMES, SCALING = "times.parquet", "scaling.parquet"

# ---- statuses of a run, and of a timing

STATUSES = ("ok", "diverged", "crashed", "failed")
RETRIED = ("crashed", "failed")  # tried again by the next run
TIMED = ("ok", "failed", "unavailable", "skipped")


# ---- shapes


@dataclasses.dataclass(frozen=True)
class OneOf:
    """One of these texts."""

    values: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Each:
    """A list of values of one shape."""

    shape: Any


@dataclasses.dataclass(frozen=True)
class Named:
    """An object: any name to a value of one shape."""

    shape: Any


NUMBER = (int, float)
NUMBER_OR_NONE = (int, float, type(None))
TEXT_OR_NONE = (str, type(None))
REST = "*"

# ---- columns: name to type; a number may be missing (NaN) where it is a float

METRIC, HYPERPARAMETER, STABILITY = "metric/", "hp/", "stability/"
PREFIXES = (METRIC, HYPERPARAMETER, STABILITY)  # of the further columns of runs.parquet
LOSS, WEIGHT, GRADIENT_NORM, COSINE = "loss/", "weight/", "grad_norm/", "cosine/"  # of a series

RUN_COLUMNS: Mapping[str, Any] = {
    **dict.fromkeys(("strategy", "task"), str),
    "seed": int,
    **dict.fromkeys(("device", "xla", "precision"), str),
    "status": OneOf(STATUSES),
    "reason": str,
    "steps": int,
    "learning_rate": float,
    "budget": int,
    **dict.fromkeys(("primary_metric", "delta_m", "normalized_score"), float),
    **dict.fromkeys(("step_time_us", "compile_s", "wall_s", "diagnostic_s"), float),
    **dict.fromkeys(("label", "cell"), str),
    "bad_step": float,
    "pairing": TEXT_OR_NONE,
    **dict.fromkeys(("contract", "cost"), str),
    "batch_size": int,
    "optimizer": str,
}
# Added since the first folders of this schema: a column that is missing is all NaN.
OPTIONAL_RUN_COLUMNS: Mapping[str, Any] = {"spiked": float, "tuning": float}
TRIAL_COLUMNS: Mapping[str, Any] = {
    "trial": int,
    "status": OneOf(STATUSES),
    "score": float,
    "learning_rate": float,
    "chosen": bool,
}
CELL_OF_TRIAL = {"cell": str, "task": str, "label": str}  # added when trials are collected
TIME_NUMBERS = (
    *("losses", "parameters", "batch", "us", "ratio", "ratio_low", "ratio_high", "ratio_sd"),
    *("spread", "processes", "rounds", "steps", "call_us", "seeds", "seed_us", "seed_ratio"),
    *("trace_s", "compile_s", "break_even", "memory_mb", "process_mb", "device_mb"),
    *("flops", "gflops", "shapes_gflops", "square_gflops", "share", "square_share"),
    *("load_before", "load_after", "cpu_share"),
)
TIME_KEY = ("label", "task", "device", "xla", "precision")  # what tells two rows apart
TIME_COLUMNS: Mapping[str, Any] = {
    **dict.fromkeys(TIME_NUMBERS, float),
    **dict.fromkeys(("label", "strategy", *TIME_KEY[1:]), str),
    "status": OneOf(TIMED),
    **dict.fromkeys(("reason", "words", "environment"), str),
    "finished": float,
    "code": TEXT_OR_NONE,  # none of what was skipped
}
SCALING_COLUMNS: Mapping[str, Any] = {**TIME_COLUMNS, "wanted": float}


def metric(name: str, split: str) -> str:
    """The column of a metric.

    >>> metric("left/accuracy", "test")
    'metric/left/accuracy/test'
    """
    return f"{METRIC}{name}/{split}"


# ---- keys of the JSON files

PLANNED: Mapping[str, Any] = {  # plan.json
    "schema": int,
    **dict.fromkeys(("preset", "command", "created"), str),
    "strategies": Each(str),
    "tasks": Named(
        {
            **dict.fromkeys(("summary", "source", "primary", "optimizer"), str),
            **dict.fromkeys(("steps", "batch_size", "seeds"), int),
            "learning_rate": NUMBER,
            "learning_rates": Each(NUMBER),
            "metrics": Named({"higher_is_better": bool, "chance": NUMBER_OR_NONE}),
            "heads": Each({"name": str, "kind": str, "weight": NUMBER}),
        }
    ),
    "budget": int,
    "single_task": Named(Named(str)),
    "static_weights": Named(Each(str)),
    "cells": Each(str),
}
SPECIFIED: Mapping[str, Any] = {  # spec.json: the fields of a Cell
    "schema": int,
    **dict.fromkeys(("strategy", "label", "task", "task_name", "optimizer"), str),
    **dict.fromkeys(("device", "precision", "heads", "code"), str),
    **dict.fromkeys(("steps", "batch_size", "budget"), int),
    **dict.fromkeys(("xla", "vectorised"), bool),
    "hyperparameters": dict,
    "seeds": Each(int),
    "learning_rate": NUMBER,
    "versions": Named(str),
    "judged": Each(str),
}
ACHIEVED: Mapping[str, Any] = {  # result.json
    "seeds": Each(
        {
            "seed": int,
            "status": OneOf(STATUSES),
            "reason": str,
            "bad_step": NUMBER_OR_NONE,
            "pairing": TEXT_OR_NONE,
            REST: NUMBER_OR_NONE,  # metric/..., stability/...
        }
    ),
    "timing": Named(NUMBER_OR_NONE),
    **dict.fromkeys(("primary", "contract", "cost"), str),
    "heads": Each(
        {
            **dict.fromkeys(("name", "metric", "single_task"), str),
            "higher_is_better": bool,
            "chance": NUMBER_OR_NONE,
        }
    ),
    "learning_rate": NUMBER,
    "hyperparameters": dict,
    "finished": NUMBER,
}


def other_version(directory: Path, schema: Any) -> str:
    """Why a results folder is refused, in one line.

    >>> from pathlib import Path
    >>> other_version(Path("out"), 1)[:63]
    'out was made by another version of lossbench (schema 1; this on'
    """
    return (
        f"{directory} was made by another version of lossbench (schema {schema!r}; this one reads "
        f"{SCHEMA}): run again into another folder with --out"
    )
