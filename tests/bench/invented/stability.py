"""Adds what runs record of their stability to an invented study."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd

MOMENTS = 20  # recorded gradients of a run


def add_stability(directory: Path, restless: dict[str, float]) -> None:
    """Adds the columns stability/*, grad_norm/* and cosine/* to the folder of `write_study`."""
    rng = np.random.default_rng(0)
    plan = json.loads((directory / "plan.json").read_text())
    heads = {
        task: [head["name"] for head in about["heads"] if head["kind"] != "regulariser"]
        for task, about in plan["tasks"].items()
    }
    runs = pd.read_parquet(directory / "runs.parquet")
    parts = []
    for (label, task, cell), rows in runs.groupby(["label", "task", "cell"], sort=False):
        factor = restless.get(str(label), 1.0)
        level = rng.uniform(-0.3, 0.3)
        _add_gradients(directory / "cells" / str(cell) / "series.parquet", heads[task], level, rng)
        parts.append(_numbers(rows, len(heads[task]), factor, level, rng))
    table = pd.concat(parts).sort_index()
    table.to_parquet(directory / "runs.parquet")


def _numbers(
    rows: pd.DataFrame, losses: int, factor: float, level: float, rng: np.random.Generator
) -> pd.DataFrame:
    n, ok = len(rows), rows["status"].to_numpy() == "ok"
    spikes = rng.poisson(0.4 * (factor - 1), n).astype(float)
    some, pairs = spikes > 0, losses > 1
    columns = {
        "spikes": spikes,
        "spike_height": np.where(some, 1 + rng.gamma(2, factor, n), np.nan),
        "recovery_steps": np.where(some, rng.integers(4, 60, n), np.nan),
        "late_fluctuation": np.where(ok, factor * rng.gamma(20, 0.005, n), np.nan),
        "regret": np.where(ok, factor * rng.exponential(0.003, n), np.nan),
        "norm_cv": factor * rng.gamma(20, 0.03, n),
        "norm_tail": 1 + factor * rng.gamma(20, 0.1, n),
        "norm_ratio": rng.gamma(20, 0.2, n) if pairs else np.full(n, np.nan),
        "conflict_rate": rng.beta(5, 5 + 20 * max(level, 0), n) if pairs else np.full(n, np.nan),
        "mean_cosine": level + 0.05 * rng.standard_normal(n) if pairs else np.full(n, np.nan),
    }
    crashed = rows["status"].to_numpy() == "crashed"
    columns = {f"stability/{k}": np.where(crashed, np.nan, v) for k, v in columns.items()}
    return rows.assign(**columns, diagnostic_s=0.08)


def _add_gradients(path: Path, heads: list[str], level: float, rng: np.random.Generator) -> None:
    if not path.is_file():  # a cell that crashed, or a study without series
        return
    series = pd.read_parquet(path)
    seeds, last = series["seed"].unique(), series["step"].max()
    steps = (np.arange(MOMENTS) * (last // MOMENTS)).astype(int)
    index = pd.MultiIndex.from_product([seeds, steps], names=["seed", "step"])
    progress = np.tile(steps / last, len(seeds))
    columns = {f"grad_norm/{head}": rng.gamma(5, 0.2, len(index)) for head in heads}
    for p, (a, b) in enumerate(itertools.combinations(heads, 2)):
        mean = level + 0.3 * np.cos(2 * p) * (1 - progress)
        columns[f"cosine/{a}/{b}"] = np.clip(mean + 0.2 * rng.standard_normal(len(index)), -1, 1)
    gradients = pd.DataFrame(columns, index=index).reset_index()
    series.merge(gradients, on=["seed", "step"], how="outer").to_parquet(path)
