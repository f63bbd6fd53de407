"""A worker process that prepares, checks and trains what the pool hands it.

Run as `python -m lossbench.bench.train.worker`; threads, devices and flags are in its environment
before TensorFlow is imported.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import tensorflow as tf

from ...datasets.core.checks import check as check_data
from ...datasets.core.data import digest
from ...strategies.core.conformance import check
from ..machine import environment
from ..plan import tasks
from ..plan.cell import Cell
from ..plan.resolved import strategy_on
from ..store.result import result
from ..store.store import Store
from ..workers.serve import Say, serve
from .of_task import splits_of
from .outcome import train
from .trainer import Trainer


def _check(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """Prepare a task's data, and hold strategies to their contract, before anything starts."""
    task = tasks.get(request["task"])
    check_data(task, splits_of(task, Path(request["data_dir"])))
    for name in request["strategies"]:
        check(strategy_on(task, name), len(task.combined))
    return {}


def _digest(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """The hash of a task's data, which are prepared where they have not been."""
    return {"data": digest(splits_of(tasks.get(request["task"]), Path(request["data_dir"])))}


def _measure(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """What a cell costs here, for the estimate of the time that is left."""
    trainer = Trainer(Cell.from_json(request["cell"]), Path(request["data_dir"]))
    compile_s, step_s = trainer.cost()
    return {"compile_s": compile_s, "step_s": step_s}


def _devices(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """Names of the GPUs that TensorFlow sees."""
    return {"names": [gpu.name for gpu in tf.config.list_physical_devices("GPU")]}


def _train(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """Train a cell and store its outcome."""
    cell = Cell.from_json(request["cell"])
    outcome = train(cell, Path(request["data_dir"]), lambda steps: say("steps", steps=steps))
    rows = [{k: _finite(v) for k, v in row.items()} for row in outcome.rows]
    env = environment.describe(int(os.environ.get("TF_NUM_INTRAOP_THREADS", "0")))
    tables = {"series": outcome.series}
    if outcome.trials is not None:
        tables["trials"] = outcome.trials
    content = result(cell, rows, outcome.timing, outcome.chosen)
    Store(Path(request["out"])).write(cell, content, env, tables)
    return {
        "statuses": [row["status"] for row in rows],
        "reason": rows[0]["reason"],
        "notes": outcome.notes,
    }


def _finite(value: Any) -> Any:
    """JSON has neither NaN nor infinities: a figure that there is none of is null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


if __name__ == "__main__":
    answers = {"check": _check, "devices": _devices, "digest": _digest}
    serve({**answers, "measure": _measure, "train": _train})
