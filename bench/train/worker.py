"""A worker process: trains the cells that come in, one JSON line each, and says how it goes.

Run by the pool as `python -m lossbench.bench.train.worker`; threads, devices and flags are in its
environment before TensorFlow is imported. Nothing but events goes to standard output.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import signal
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any, TextIO

import tensorflow as tf

from ...datasets.core.checks import check as check_data
from ...datasets.core.unavailable import DataUnavailable
from ...strategies.core.conformance import check
from ...strategies.core.plugins import in_one_line
from ..machine import environment
from ..machine.scheduling import settle
from ..plan import tasks
from ..plan.cell import Cell
from ..plan.resolved import strategy_on
from ..store.result import result
from ..store.store import Store
from .train_cell import train


class Worker:
    """Answers requests until there are no more."""

    def __init__(self, events: TextIO) -> None:
        self._events = events

    def serve(self, requests: TextIO) -> None:
        """One request a line: {"do": "check" or "train", ...}."""
        self._say("ready")
        for line in requests:
            request = json.loads(line)
            try:
                getattr(self, f"_{request['do']}")(request)
            except Exception as error:  # a cell or a plug-in may do anything; the rest goes on
                with contextlib.suppress(OSError):
                    traceback.print_exc(file=sys.stderr)
                reason = in_one_line(error)
                if isinstance(error, (ValueError, DataUnavailable)):  # written for the user
                    reason = reason.removeprefix(f"{type(error).__name__}: ")
                self._say("failed", reason=reason)
            gc.collect()  # graphs refer to themselves in cycles

    def _check(self, request: dict[str, Any]) -> None:
        """Prepare a task's data, and hold strategies to their contract, before anything starts."""
        task = tasks.get(request["task"])
        check_data(task, task.data(Path(request["data_dir"])))
        for name in request["strategies"]:
            check(strategy_on(task, name), len(task.combined))
        self._say("done")

    def _devices(self, request: dict[str, Any]) -> None:
        self._say("done", names=[gpu.name for gpu in tf.config.list_physical_devices("GPU")])

    def _train(self, request: dict[str, Any]) -> None:
        cell = Cell.from_json(request["cell"])
        outcome = train(
            cell, Path(request["data_dir"]), lambda steps: self._say("steps", steps=steps)
        )
        rows = [{k: _finite(v) for k, v in row.items()} for row in outcome.rows]
        env = environment.describe(int(os.environ.get("TF_NUM_INTRAOP_THREADS", "0")))
        tables = {"series": outcome.series}
        if outcome.trials is not None:
            tables["trials"] = outcome.trials
        content = result(cell, rows, outcome.timing, outcome.chosen)
        Store(Path(request["out"])).write(cell, content, env, tables)
        self._say("done", statuses=[row["status"] for row in rows], reason=rows[0]["reason"])

    def _say(self, event: str, **content: Any) -> None:
        self._events.write(json.dumps({"event": event, **content}) + "\n")
        self._events.flush()


def _finite(value: Any) -> Any:
    """JSON has no NaN: a figure that there is none of is null."""
    return None if isinstance(value, float) and value != value else value


def main() -> None:
    """Serve on standard input and output; whatever libraries print goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the pool's to handle
    settle()
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    gc.collect()
    gc.freeze()  # what was imported stays: a collection after each cell need not look at it
    Worker(events).serve(sys.stdin)


if __name__ == "__main__":
    main()
