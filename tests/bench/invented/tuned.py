"""Adds tuned runs of the same cells to an invented study, their trials, static weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

RATES = (5e-4, 5e-2)
WEIGHTS = (1.0, 0.75, 0.5, 0.25, 0.0)


class Tuned(NamedTuple):
    """How a study was tuned.

    Attributes:
        trials: of each cell.
        gains: (label, task) to what tuning adds to the primary metric of every seed.
        best_rates: label to the learning rate where its validation score peaks (5e-3).
        alone: without the untuned runs.
    """

    trials: int = 8
    gains: dict[tuple[str, str], float] | None = None
    best_rates: dict[str, float] | None = None
    alone: bool = False


TUNED = Tuned()


def static_weights_labels() -> list[str]:
    return [f"weighted(weights=({w}, {1 - w}))" for w in WEIGHTS]


def add_tuned(directory: Path, how: Tuned) -> None:
    """Adds to the folder of `write_study`."""
    rng = np.random.default_rng(7)
    plan = json.loads((directory / "plan.json").read_text())
    before = pd.read_parquet(directory / "runs.parquet")
    tuned = before.assign(budget=how.trials, cell="t" + before["cell"])
    for (label, task), gain in (how.gains or {}).items():
        rows = (tuned["label"] == label) & (tuned["task"] == task)
        primary = f"metric/{plan['tasks'][task]['primary']}/test"
        for column in ("primary_metric", primary):
            tuned.loc[rows, column] += gain
    for cell in before["cell"].unique():
        if (directory / "cells" / cell / "series.parquet").is_file():
            shutil.copytree(directory / "cells" / cell, directory / "cells" / f"t{cell}")
    curves, plan["static_weights"] = [], {}
    for task, about in plan["tasks"].items():
        about["learning_rates"] = list(RATES)
        names = list(about["metrics"])
        if len(names) == 2:
            # The ends of the curve are the single-task runs of the heads: they are there once.
            ends = (tuned["task"] == task) & tuned["label"].isin(static_weights_labels())
            tuned = tuned[~ends]
            curves.append(_curve(before[before["task"] == task], task, names, how.trials))
            plan["static_weights"][task] = static_weights_labels()
    tables = [*([] if how.alone else [before]), tuned, *curves]
    runs = pd.concat(tables, ignore_index=True)
    runs.to_parquet(directory / "runs.parquet")
    plan |= {"budget": how.trials, "cells": list(runs["cell"].unique())}
    (directory / "plan.json").write_text(json.dumps(plan))
    pairs = tuned.drop_duplicates(["label", "task"])[["label", "task", "cell"]]
    pd.concat(
        [
            _trials(row, how.trials, (how.best_rates or {}).get(row["label"], 5e-3), rng)
            for _, row in pairs.iterrows()
        ],
        ignore_index=True,
    ).to_parquet(directory / "trials.parquet")


def _curve(rows: pd.DataFrame, task: str, names: list[str], budget: int) -> pd.DataFrame:
    """Rows of the curve: a head loses 0.3 (1 - w)**2; a seed moves both alike."""
    first = rows[rows["label"] == rows["label"].iloc[0]]
    first = first.drop_duplicates("seed")
    tables = []
    for weight, label in zip(WEIGHTS, static_weights_labels(), strict=True):
        values = [0.9 - 0.3 * (1 - w) ** 2 + 0.002 * first["seed"] for w in (weight, 1 - weight)]
        metrics = {f"metric/{name}/test": v for name, v in zip(names, values, strict=True)}
        table = first.assign(**metrics, primary_metric=values[0], status="ok", reason="")
        table = table.assign(label=label, cell=f"c{task}{weight}", budget=budget, bad_step=np.nan)
        tables.append(table.assign(strategy="weighted"))
    return pd.concat(tables)


def _trials(row: pd.Series, count: int, best: float, rng: np.random.Generator) -> pd.DataFrame:
    low, high = np.log10(RATES)
    places = (np.arange(count) + rng.uniform(0, 1, count)) / count
    rates = 10 ** (low + rng.permutation(places) * (high - low))
    rates[0] = 5e-3
    scores = 0.9 - 0.2 * np.log10(rates / best) ** 2
    diverged = rates > 10 * best
    scores[diverged] = np.nan
    return pd.DataFrame(
        {
            "cell": row["cell"],
            "task": row["task"],
            "label": row["label"],
            "trial": np.arange(count),
            "status": np.where(diverged, "diverged", "ok"),
            "score": scores,
            "learning_rate": rates,
            "chosen": np.arange(count) == np.nanargmax(scores),
        }
    )
