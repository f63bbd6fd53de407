"""What has changed in one cell from one results folder to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .words import count

SETTINGS = ("steps", "batch_size", "optimizer", "learning_rate")
NO_VALUE = "no value"  # a run that finished without a finite primary metric
SAME, OTHER, UNKNOWN = "same", "other", "not known"


def changes(a: pd.DataFrame, b: pd.DataFrame, sign: float) -> tuple[pd.Series, dict[str, Any]]:
    """Compares the runs of one cell in two folders, paired by seed.

    Args:
        a: rows of the first folder, one per seed.
        b: those of the second.
        sign: +1 where a higher primary metric is better, else -1.

    Returns:
        sign * (B - A) of the primary metric per seed that finished in both, and the columns of
        `versions.Versions.table` that one cell is enough for; `unit` is the value of its `scale`.
    """
    a, b = a.set_index("seed"), b.set_index("seed")
    before = a["primary_metric"].where(a["status"] == "ok").dropna()
    after = b["primary_metric"].where(b["status"] == "ok").dropna()
    pairs = before.index.intersection(after.index)
    return sign * (after[pairs] - before[pairs]), {
        "mean_a": before[pairs].mean(),
        "mean_b": after[pairs].mean(),
        **_scale(before[pairs]),
        "time_ratio": ratio(b["step_time_us"].median(), a["step_time_us"].median()),
        **_statuses(_status(a), _status(b)),
        "numbers": _numbers(a["pairing"], b["pairing"]),
        "settings": _settings(a, b),
        "unpaired": _unpaired(a.index, b.index),
    }


def _scale(values: pd.Series) -> dict[str, Any]:
    """What a change is measured by: |mean|, or the SD over seeds where the mean is no larger."""
    mean, sd = abs(values.mean()), values.std()
    near_zero = mean <= (0.0 if np.isnan(sd) else sd)
    return {"scale": "SD", "unit": sd} if near_zero else {"scale": "mean", "unit": mean}


def ratio(x: float, unit: float) -> float:
    """x / unit; infinite for a change of what did not vary, and 0 for no change of it."""
    if unit == 0:
        return float(np.sign(x) * np.inf) if x else 0.0
    return float(x / unit)


def _status(runs: pd.DataFrame) -> pd.Series:
    empty = (runs["status"] == "ok") & runs["primary_metric"].isna()
    return runs["status"].mask(empty, NO_VALUE)


def _statuses(a: pd.Series, b: pd.Series) -> dict[str, Any]:
    """Changes of the seeds that both have."""
    seeds = a.index.intersection(b.index)
    a, b = a[seeds], b[seeds]
    changes = (a + " -> " + b)[a != b].value_counts()
    return {
        "changed": ", ".join(f"{n} {change}" for change, n in changes.items()),
        "new_failures": int(((a == "ok") & (b != "ok")).sum()),
    }


def _numbers(a: pd.Series, b: pd.Series) -> str:
    """Whether the seeds that both have started from the same random numbers."""
    seeds = a.dropna().index.intersection(b.dropna().index)
    if seeds.empty:
        return UNKNOWN
    return SAME if (a[seeds] == b[seeds]).all() else OTHER


def _unpaired(a: pd.Index, b: pd.Index) -> str:
    lone = (("A", a.difference(b).size), ("B", b.difference(a).size))
    return ", ".join(f"{count(n, 'seed')} only in {side}" for side, n in lone if n)


def _settings(a: pd.DataFrame, b: pd.DataFrame) -> str:
    names = [name for name in a if name in b and (name in SETTINGS or name.startswith("hp/"))]
    unlike = [name for name in names if set(a[name].dropna()) != set(b[name].dropna())]
    return ", ".join(name.removeprefix("hp/") for name in unlike)
