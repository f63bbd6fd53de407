"""Runs every strategy compiled, in a process of its own, and counts the modules that XLA makes.

The counter is a folder that XLA dumps each compiled module into; it has to be named before
TensorFlow starts, and it sees what the trace counter does not: a function that is traced once may
be compiled again at each step.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def modules(folder: Path) -> int:
    """Number of modules compiled so far."""
    return len(list(folder.glob("*before_optimizations.txt")))


def main(out: Path, selected: list[str]) -> None:
    dump = out / "modules"
    dump.mkdir()
    os.environ["XLA_FLAGS"] = f"--xla_dump_to={dump} --xla_dump_hlo_as_text"
    import numpy as np
    import tensorflow as tf
    from trials import start, step, tensors, trials

    from lossbench.strategies import get

    report: dict[str, dict[str, Any]] = {"control": {"modules": _control(dump)}}
    arrays = {}
    for name in selected:
        for dtype in (tf.float64, tf.float32):
            strategy = get(name)
            function = tf.function(
                lambda state, trial, strategy=strategy: step(strategy, state, trial),
                jit_compile=True,
            )
            state, counts, directions = start(strategy, dtype=dtype), [], []
            try:
                for trial in trials(strategy):
                    direction, _, state = function(state, tensors(trial, dtype))
                    directions.append(direction.numpy().astype(np.float64))
                    counts.append(modules(dump))
            except Exception as error:  # the parent process tells which strategy it was
                report[f"{name}/{dtype.name}"] = {"error": f"{type(error).__name__}: {error}"}
                continue
            report[f"{name}/{dtype.name}"] = {
                "modules": counts,
                "traces": function.experimental_get_tracing_count(),
            }
            arrays[f"{name}/{dtype.name}"] = np.stack(directions)
    np.savez(out / "directions.npz", **arrays)
    (out / "report.json").write_text(json.dumps(report))


def _control(dump: Path) -> list[int]:
    """Modules after each step of a function that is known to be compiled again every time."""
    import tensorflow as tf

    index = tf.Variable(0)

    @tf.function(jit_compile=True)
    def indexed(matrix):
        index.assign_add(1)
        return matrix[index]

    counts = []
    for _ in range(3):
        indexed(tf.eye(5))
        counts.append(modules(dump))
    return counts


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
