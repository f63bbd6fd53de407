"""Cells and results as a run would store them, without training: test data, no results."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lossbench.bench.plan.cell import Cell, resolve
from lossbench.bench.plan.tasks import get
from lossbench.bench.store.store import Store

TABLES = {"series": pd.DataFrame({"seed": [0], "step": [0], "loss/left": [2.3]})}


def cell(strategy: str = "sum", seeds: tuple[int, ...] = (0, 1), **chosen: Any) -> Cell:
    """A cell of the task two_digits."""
    fixed = {"device": "cpu", "xla": False, "precision": "float32", "heads": "own"}
    task = get("two_digits")
    return resolve(strategy, task, "two_digits", seeds=seeds, vectorised=True, **fixed | chosen)


def result(cell: Cell, score: float | None = 0.5, status: str = "ok") -> dict[str, Any]:
    """What result.json holds of a cell whose seeds all end alike."""
    rows = [
        {"seed": seed, "status": status, "reason": "", "bad_step": None, "pairing": "p"}
        | {"metric/left/accuracy/test": score}
        for seed in cell.seeds
    ]
    return {
        "seeds": rows,
        "timing": {"compile_s": 1.0, "step_time_us": 50.0, "wall_s": 2.0, "diagnostic_s": 0.0},
        "primary": "left/accuracy",
        "heads": [],
        "learning_rate": cell.learning_rate,
        "hyperparameters": cell.hyperparameters,
        "contract": "loss",
        "cost": "1 backward",
    }


def write_cells(store: Store, *cells: tuple[Cell, float]) -> None:
    """Stores cells with the score of all their seeds."""
    for each, score in cells:
        store.write(each, result(each, score), {}, TABLES)
