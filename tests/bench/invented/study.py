"""Writes the folder of an invented study."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

from lossbench.bench.store.schema import SCHEMA
from lossbench.bench.store.scores import score

from .runs import rows_of_cell, series_of_cell
from .stability import add_stability
from .tasks import ABOUT, ERROR, TWO_HEADS, heads_of
from .tuned import Tuned, add_tuned

STRATEGIES = ("sum", "mean", "subtraction", "pcgrad", "mgda", "weighted(weights=0.8,0.2)")


def write_study(
    directory: Path,
    strategies: tuple[str, ...] = STRATEGIES,
    tasks: dict[str, dict] | None = None,
    seeds: int = 10,
    variants: tuple[tuple[str, str], ...] = (("cpu", "off"),),
    diverged: dict[tuple[str, str], int] | None = None,
    crashed: tuple[tuple[str, str], ...] = (),
    absent: tuple[tuple[str, str], ...] = (),
    values: dict[tuple[str, str], list[float]] | None = None,
    series: bool = True,
    random: int = 0,
    single_task: bool = False,
    tuned: Tuned | None = None,
    stability: dict[str, float] | None = None,
) -> Path:
    """Writes plan.json, env.json, cells and runs.parquet.

    Args:
        diverged: (label, task) to the number of its seeds that diverge.
        crashed: (label, task) whose every seed crashed; they leave no series.
        absent: (label, task) that has not run.
        series: whether cells store their learning curves.
        values: (label, task) to the primary metric of each seed that finishes, in their order.
        single_task: with single-task runs, and the scores against them.
        tuned: with tuned runs of the same cells, their trials and static weights.
        stability: with what a run records of it: label to the factor by which it spikes and
            fluctuates more (1).
    """
    tasks = {"two_digits": TWO_HEADS, "autoencode": ERROR} if tasks is None else tasks
    rng = np.random.default_rng(random)
    plan = {
        "schema": SCHEMA,
        "preset": "quick",
        "command": "lossbench run --preset quick --out results/latest",
        "created": "2026-11-20T10:00:00Z",
        "strategies": list(strategies),
        "tasks": {name: {**ABOUT, **about, "seeds": seeds} for name, about in tasks.items()},
        "budget": 0,
        "single_task": {},
        "static_weights": {},
        "cells": [],
    }
    environment = {
        "python": "3.11.7",
        "tensorflow": "2.21.0",
        "platform": "Linux-6.1-x86_64",
        "cpu": "a processor",
        "cores": 2,
        "threads_per_worker": 1,
        "devices": ["cpu"],
    }
    rows, heads_of_task = [], {}
    for task, about in plan["tasks"].items():
        of_seed = rng.normal(0, 1, seeds)  # what a seed adds to every strategy alike
        heads = heads_of_task[task] = heads_of(about) if single_task else []
        alone = [head["single_task"] for head in heads]
        plan["single_task"] |= {task: {head["name"]: head["single_task"] for head in heads}}
        for label in (*strategies, *(label for label in alone if label not in strategies)):
            quality = 0.0 if label in ("sum", "mean") else rng.normal(0, 1.5)
            for device, xla in variants:
                if (label, task) in absent or (label in alone and (device, xla) != variants[0]):
                    continue
                cell = hashlib.sha256(f"{label}{task}{device}{xla}".encode()).hexdigest()[:16]
                plan["cells"].append(cell)
                bad = (diverged or {}).get((label, task), 0)
                status = ["diverged"] * bad + ["ok"] * (seeds - bad)
                if (label, task) in crashed:
                    status = ["crashed"] * seeds
                noise = of_seed + quality + rng.normal(0, 0.5, seeds)
                cell_rows = rows_of_cell(task, about, label, device, xla, cell, status, noise, rng)
                given = iter((values or {}).get((label, task), ()))
                for row in cell_rows:
                    if row["status"] == "ok" and (label, task) in (values or {}):
                        row["primary_metric"] = next(given)
                        row[f"metric/{about['primary']}/test"] = row["primary_metric"]
                rows += cell_rows
                folder = directory / "cells" / cell
                folder.mkdir(parents=True, exist_ok=True)
                if series and "crashed" not in status:
                    series_of_cell(about, cell_rows, rng).to_parquet(folder / "series.parquet")
    (directory / "plan.json").write_text(json.dumps(plan))
    (directory / "env.json").write_text(json.dumps(environment))
    runs = pd.DataFrame(rows)
    tasks_of = runs.set_index("cell")["task"].to_dict()
    score(runs, tasks_of, heads_of_task).to_parquet(directory / "runs.parquet")
    if tuned is not None:
        add_tuned(directory, tuned)
    if stability is not None:
        add_stability(directory, stability)
    return directory
