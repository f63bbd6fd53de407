"""Runs of an invented cell, and what they recorded."""

from __future__ import annotations

import numpy as np
import pandas as pd

CONTRACTS = {"pcgrad": "gram", "mgda": "gram"}


def rows_of_cell(task, about, label, device, xla, cell, status, noise, rng) -> list[dict]:
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


def series_of_cell(about: dict, rows: list[dict], rng: np.random.Generator) -> pd.DataFrame:
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


def _value(metric: str, about: dict, noise: float) -> float:
    if about["metrics"][metric]["higher_is_better"]:
        return float(1 / (1 + np.exp(-2 - 0.2 * noise)))
    return float(0.03 * np.exp(-0.1 * noise))
