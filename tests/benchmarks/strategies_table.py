"""Print, per Gram strategy: worst error against the exact golden answers, and time per call.

    python tests/benchmarks/strategies_table.py [--seconds 0.3] [--strategies mgda,upgrad]

Errors are relative, over all kinds of Jacobians that the golden answers cover, float64 and float32.
Times are microseconds of the inner solver alone (Gram matrix in, weights out, float32), measured
inside a loop in the graph, as a training step runs it; the time of the same loop with an empty body
is subtracted. One thread.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "strategies"))

import golden
import numpy as np
import tensorflow as tf

from lossbench.bench.machine.scheduling import a_core, settle
from lossbench.strategies import combine, get, names
from lossbench.strategies.core.state import initial_state
from lossbench.strategies.core.weighing import weigh

EXACT = {
    "mgda": ("MGDA_exact", {}),
    "upgrad": ("UPGrad_exact", {}),
    "dualproj": ("DualProj_exact", {}),
    "cagrad": ("CAGrad_exact", {"c": 0.5}),
    "nash_mtl": ("FairGrad_exact", {"alpha": 1.0}),
    "fairgrad": ("FairGrad_exact", {"alpha": 1.0}),
    "imtl_g": ("IMTLG_exact", {}),
}
SIZES = (2, 3, 8)


def error(name: str, dtype: str) -> float:
    """Worst relative error of the direction against the exact golden answers."""
    strategy, worst = get(name), 0.0
    aggregator, params = EXACT[name]
    calls = {}
    for record in golden.records(aggregator, **params):
        gradients = golden.jacobian(record["case"])
        wide = np.zeros((len(gradients), 64))
        wide[:, : gradients.shape[1]] = gradients
        if len(gradients) not in calls:
            calls[len(gradients)] = tf.function(
                lambda rows: combine(strategy, rows).direction, autograph=False
            )
        made = calls[len(gradients)](tf.constant(wide, dtype)).numpy()[: gradients.shape[1]]
        off = golden.deviation(made.astype(np.float64), np.array(record["expected"]), gradients)
        worst = max(worst, off)
    return worst


def microseconds(name: str | None, num_losses: int, jit_compile: bool, seconds: float) -> float:
    """Time of one call inside a loop in the graph; None measures the empty loop."""
    strategy = get(name) if name else None
    state = initial_state(strategy, num_losses, 10, tf.float32) if strategy else ()
    rng = np.random.default_rng(num_losses)
    rows = rng.normal(size=(64, num_losses, 30))
    rows -= 0.8 * rows.mean(axis=1, keepdims=True)
    grams = tf.constant(rows @ rows.transpose(0, 2, 1), tf.float32)
    noise = tf.constant(rng.random((num_losses, num_losses)), tf.float32)
    losses = tf.ones((num_losses,))

    @tf.function(jit_compile=jit_compile, autograph=False)
    def loop(steps):
        def body(index, total, state):
            gram = tf.gather(grams, index % 64)
            if strategy is None:
                return index + 1, total + gram[0], state
            drawn = noise if strategy.noise(num_losses, 10) else None
            weights, state = weigh(strategy, losses, state, drawn, gram)
            return index + 1, total + weights, state

        start = (tf.constant(0), tf.zeros((num_losses,)), state)
        return tf.while_loop(lambda index, *_: index < steps, body, start)[1]

    steps = 64
    loop(tf.constant(steps))
    while True:
        started = time.perf_counter()
        loop(tf.constant(steps)).numpy()
        taken = time.perf_counter() - started
        if taken > seconds / 5:
            break
        steps *= 4
    times = []
    for _ in range(5):
        started = time.perf_counter()
        loop(tf.constant(steps)).numpy()
        times.append((time.perf_counter() - started) / steps)
    return float(np.median(times) * 1e6)


def main() -> None:
    settle(a_core())
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=0.3, help="per timing")
    parser.add_argument("--strategies", default="", help="names, separated by commas")
    given = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    gram = [name for name in names() if get(name).contract == "gram"]
    chosen = [name for name in given.strategies.split(",") if name] or gram
    columns = [(size, jit) for size in SIZES for jit in (True, False)]
    empty = [microseconds(None, size, jit, given.seconds) for size, jit in columns]
    heads = [f"K={size} {'XLA' if jit else 'graph'}" for size, jit in columns]
    print("| strategy | float64 | float32 | " + " | ".join(heads) + " |")
    print("|---" * (3 + len(heads)) + "|")
    print("| (empty loop) | | | " + " | ".join(f"{time:.1f}" for time in empty) + " |")
    for name in chosen:
        errors = [f"{error(name, dtype):.0e}" for dtype in ("float64", "float32")] if (
            name in EXACT
        ) else ["", ""]  # fmt: skip
        times = [
            f"{microseconds(name, size, jit, given.seconds) - nothing:.1f}"
            for (size, jit), nothing in zip(columns, empty, strict=True)
        ]
        print("| " + " | ".join([name, *errors, *times]) + " |", flush=True)


if __name__ == "__main__":
    main()
