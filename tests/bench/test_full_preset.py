"""The whole benchmark in a shortened form: every task and every strategy once, few steps."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pandas as pd
from rich.console import Console

from lossbench.bench import sweep
from lossbench.bench.plan import plan, tasks
from lossbench.bench.plan.request import Request
from lossbench.strategies import names

SHORT = {"seeds": 1, "steps": 2, "budget": 0, "single_task": False, "static_weights": False}


def one_each(cells):
    """One cell per strategy, on the task that has had the fewest, of these on the rarest."""
    cells_of_task = Counter(cell.task_name for cell in cells)
    had: Counter[str] = Counter()
    for name in names():
        cell = min(
            (cell for cell in cells if cell.label == name),
            key=lambda cell: (had[cell.task_name], cells_of_task[cell.task_name]),
        )
        had[cell.task_name] += 1
        yield cell


def test_all_strategies_train_on_all_tasks(tmp_path):
    out = tmp_path / "out"
    planned = plan.build(Request(preset="full", xla="off", timing=False, out=out, **SHORT))
    ready, _ = tasks.all_ready(planned.request.data_dir)
    assert set(planned.tasks) == set(ready)
    assert "nash_mtl on smooth (one loss has nobody to bargain with)" in planned.left_out
    chosen = tuple(one_each(planned.cells))
    short = dataclasses.replace(planned, cells=chosen)
    assert [cell.label for cell in chosen] == list(names()), "each has something to do somewhere"
    assert {cell.task_name for cell in chosen} == set(planned.tasks)
    assert sweep.run(short, Console(quiet=True)) == 0
    runs = pd.read_parquet(out / "runs.parquet")
    assert len(runs) == len(chosen)
    assert set(runs["status"]) <= {"ok", "diverged"}
    assert (runs["status"] == "ok").mean() > 0.95
