"""Writes a results folder from seeded random numbers: test data, no results of anything."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

from lossbench.bench.plan import single_task
from lossbench.bench.store.schema import SCHEMA
from lossbench.bench.store.scores import score

ABOUT = {
    "dataset": "none",
    "batch_size": 64,
    "learning_rate": 5e-3,
    "learning_rates": [5e-4, 5e-2],
    "optimizer": "adam",
}
TWO_HEADS = {
    "summary": "Invented: two heads that pull against each other",
    "source": "random numbers of the tests",
    "primary": "left/accuracy",
    "steps": 1500,
    "metrics": {
        "left/accuracy": {"higher_is_better": True, "chance": 0.1},
        "right/accuracy": {"higher_is_better": True, "chance": 0.1},
    },
    "heads": [
        {"name": "left", "kind": "task", "weight": 0.8},
        {"name": "right", "kind": "task", "weight": 0.2},
    ],
}
ERROR = {
    "summary": "Invented: a reconstruction error, lower is better",
    "source": "random numbers of the tests",
    "primary": "image/mse",
    "steps": 1500,
    "metrics": {"image/mse": {"higher_is_better": False, "chance": 0.06}},
    "heads": [
        {"name": "image", "kind": "task", "weight": 1.0},
        {"name": "sparsity", "kind": "regulariser", "weight": 1e-3},
    ],
}
STRATEGIES = ("sum", "mean", "subtraction", "pcgrad", "mgda", "weighted(weights=0.8,0.2)")
CONTRACTS = {"pcgrad": "gram", "mgda": "gram"}


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
    references: bool = False,
) -> Path:
    """Writes plan.json, env.json, cells and runs.parquet.

    Args:
        diverged: (label, task) to the number of its seeds that diverge.
        crashed: (label, task) whose every seed crashed; they leave no series.
        absent: (label, task) that has not run.
        references: with single-task references, and the scores against them.
        series: whether cells store their learning curves.
        values: (label, task) to the primary metric of each seed that finishes, in their order.
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
        heads = heads_of_task[task] = heads_of(about) if references else []
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
                cell_rows = _rows(task, about, label, device, xla, cell, status, noise, rng)
                given = iter((values or {}).get((label, task), ()))
                for row in cell_rows:
                    if row["status"] == "ok" and (label, task) in (values or {}):
                        row["primary_metric"] = next(given)
                        row[f"metric/{about['primary']}/test"] = row["primary_metric"]
                rows += cell_rows
                folder = directory / "cells" / cell
                folder.mkdir(parents=True, exist_ok=True)
                if series and "crashed" not in status:
                    _series(about, cell_rows, rng).to_parquet(folder / "series.parquet")
    (directory / "plan.json").write_text(json.dumps(plan))
    (directory / "env.json").write_text(json.dumps(environment))
    runs = pd.DataFrame(rows)
    tasks_of = runs.set_index("cell")["task"].to_dict()
    score(runs, tasks_of, heads_of_task).to_parquet(directory / "runs.parquet")
    return directory


def heads_of(about: dict) -> list[dict]:
    """What a result stores of a task's heads, from what the plan says of it."""
    combined = [head for head in about["heads"] if head["kind"] != "regulariser"]
    found = []
    for k, head in enumerate(combined):
        name = next(name for name in about["metrics"] if name.startswith(head["name"] + "/"))
        metric = about["metrics"][name]
        found.append(
            {
                "name": head["name"],
                "metric": f"metric/{name}/test",
                "single_task": single_task.label(k, len(combined)),
                **metric,
            }
        )
    return found


def _value(metric: str, about: dict, noise: float) -> float:
    if about["metrics"][metric]["higher_is_better"]:
        return float(1 / (1 + np.exp(-2 - 0.2 * noise)))
    return float(0.03 * np.exp(-0.1 * noise))


def _rows(task, about, label, device, xla, cell, status, noise, rng) -> list[dict]:
    strategy = label.partition("(")[0]
    contract = CONTRACTS.get(strategy, "loss")
    time = (
        (40 if contract == "loss" else 90) * (0.7 if xla == "on" else 1.0) * rng.uniform(0.9, 1.1)
    )
    rows = []
    for seed, state in enumerate(status):
        ok = state == "ok"
        metrics = {
            f"metric/{name}/{split}": _value(name, about, noise[seed] + i * rng.normal(0, 1))
            if ok
            else np.nan
            for i, name in enumerate(about["metrics"])
            for split in ("validation", "test")
        }
        primary = f"metric/{about['primary']}/test"
        rows.append(
            {
                "strategy": strategy,
                "label": label,
                "task": task,
                "seed": seed,
                "cell": cell,
                "device": device,
                "xla": xla,
                "precision": "float32",
                "status": state,
                "reason": {
                    "ok": "",
                    "diverged": "loss of head <left> beyond 10 times its first value",
                    "crashed": "the worker ended with signal 9",
                }[state],
                "bad_step": 37.0 + seed if state == "diverged" else np.nan,
                "steps": about["steps"],
                "learning_rate": 5e-3,
                "budget": 0,
                "batch_size": 64,
                "optimizer": "adam",
                "primary_metric": metrics[primary],
                "delta_m": np.nan,
                "normalized_score": np.nan,
                "step_time_us": np.nan if state == "crashed" else time,
                "compile_s": 2.5,
                "wall_s": 3.5,
                "diagnostic_s": np.nan,
                "pairing": f"{task}-{seed}",
                "contract": contract,
                "cost": "1 backward" if contract == "loss" else "K backward",
                **metrics,
            }
        )
    return rows


def _series(about: dict, rows: list[dict], rng: np.random.Generator) -> pd.DataFrame:
    steps = np.linspace(0, about["steps"], 31).astype(int)
    tables = []
    for row in rows:
        last = row["primary_metric"]
        chance = about["metrics"][about["primary"]]["chance"]
        last = chance if np.isnan(last) else last
        values = chance + (last - chance) * (1 - np.exp(-5 * steps / about["steps"]))
        values = values + rng.normal(0, 0.02 * abs(last - chance) + 1e-6, steps.size)
        evaluated = np.arange(steps.size) % 3 == 0
        if row["status"] == "diverged":  # the engine lets such a seed stand still
            values = np.where(steps <= row["bad_step"], values, values[0])
        table = pd.DataFrame({"seed": row["seed"], "step": steps})
        for head in about["heads"]:
            table[f"loss/{head['name']}"] = np.exp(-steps / 500) + rng.uniform(0, 0.1, steps.size)
            table[f"weight/{head['name']}"] = np.nan
        table[f"metric/{about['primary']}/validation"] = np.where(evaluated, values, np.nan)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)
