"""The whole benchmark in a shortened form: every task, every strategy, few steps."""

from __future__ import annotations

import dataclasses

import pandas as pd
from rich.console import Console

from lossbench.bench import sweep
from lossbench.bench.plan import plan, tasks
from lossbench.bench.plan.request import Request
from lossbench.strategies import names

SHARE = 11  # of the cells one in so many is trained: all strategies, all tasks
SHORT = {"seeds": 1, "steps": 2, "budget": 0, "single_task": False, "static_weights": False}


def test_all_strategies_train_on_all_tasks(tmp_path):
    out = tmp_path / "out"
    planned = plan.build(Request(preset="full", xla="off", timing=False, out=out, **SHORT))
    ready, _ = tasks.all_ready(planned.request.data_dir)
    assert set(planned.tasks) == set(ready)
    labels = [cell.label for cell in planned.cells]
    assert set(labels) == set(names()), "each has something to do somewhere"
    assert "nash_mtl on smooth (one loss has nobody to bargain with)" in planned.left_out
    of_task = list(planned.tasks)
    chosen = tuple(
        cell
        for cell in planned.cells
        if (3 * names().index(cell.label) + of_task.index(cell.task_name)) % SHARE == 0
        or labels.count(cell.label) < SHARE  # it has something to do on few tasks
    )
    short = dataclasses.replace(planned, cells=chosen)
    assert {cell.label for cell in chosen} == set(names())
    assert {cell.task_name for cell in chosen} == set(of_task)
    assert sweep.run(short, Console(quiet=True)) == 0
    runs = pd.read_parquet(out / "runs.parquet")
    assert len(runs) == len(chosen)
    assert set(runs["status"]) <= {"ok", "diverged"}
    assert (runs["status"] == "ok").mean() > 0.95
