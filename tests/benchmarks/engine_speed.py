"""What a training step costs here and elsewhere: `python tests/benchmarks/engine_speed.py`.

The same model, batch size, optimizer and number of steps; medians of interleaved rounds, so the
ratios hold where the machine's speed drifts. Reference model: 64-128-64 trunk, a 10-way and a
64-wide head (21k parameters), batch 64, Adam, one thread.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
THREADS = int(os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1"))
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import statistics  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from lossbench.bench.machine.scheduling import a_core, settle  # noqa: E402
from lossbench.bench.timing.precision import Problem  # noqa: E402
from lossbench.bench.timing.problems import BATCH, EXAMPLES, reference  # noqa: E402
from lossbench.bench.timing.program import Program  # noqa: E402

ROUNDS, STEPS = 7, 250
TASK = reference(2)


def data() -> dict[str, np.ndarray]:
    return dict(TASK.data(Path())["train"])


def engine(strategy: str, seeds: int, *, xla: bool) -> Callable[[], object]:
    """A call trains STEPS steps of all seeds."""
    program = Program(Problem(TASK.name, Path(), "float32"), strategy, xla=xla, seeds=seeds)
    program.prepare(STEPS - 1)
    return program.call


def plain_loop(*, xla: bool) -> Callable[[], object]:
    """What most people write: a tf.data pipeline, a tf.function step, a Python loop."""
    net, optimizer = TASK.model(), keras.optimizers.Adam(1e-3)
    optimizer.build(net.trainable_variables)
    arrays = data()
    batches = tf.data.Dataset.from_tensor_slices((arrays["x"], arrays["label"]))
    batches = batches.shuffle(EXAMPLES).repeat().batch(BATCH, drop_remainder=True).prefetch(2)
    classify = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    reconstruct = keras.losses.MeanSquaredError()

    @tf.function(jit_compile=xla)
    def step(x, label):
        with tf.GradientTape() as tape:
            out = net(x, training=True)
            loss = classify(label, out["label"]) + reconstruct(x, out["pixels"])
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables, strict=True))
        return loss

    iterator = iter(batches)

    def run() -> None:
        for _ in range(STEPS - 1):
            step(*next(iterator))
        float(step(*next(iterator)))  # waits for all of them

    return run


def keras_fit(*, xla: bool) -> Callable[[], object]:
    """`model.fit` with the two losses compiled in, one epoch of STEPS steps."""
    net, arrays = TASK.model(), data()
    net.compile(
        "adam",
        loss={
            "label": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "pixels": keras.losses.MeanSquaredError(),
        },
        jit_compile=xla,
    )
    rows = np.arange(STEPS * BATCH) % EXAMPLES
    x, label = arrays["x"][rows], arrays["label"][rows]

    def run() -> None:
        net.fit(x, {"label": label, "pixels": x}, batch_size=BATCH, epochs=1, verbose=0)

    return run


def main() -> None:
    settle(a_core())
    variants = {
        f"{what}, {'XLA' if xla else 'graph'}": (seeds, make(xla))
        for xla in (False, True)
        for what, seeds, make in (
            ("Keras fit", 1, lambda xla: keras_fit(xla=xla)),
            ("tf.data + tf.function", 1, lambda xla: plain_loop(xla=xla)),
            ("engine, sum, 1 seed", 1, lambda xla: engine("sum", 1, xla=xla)),
            ("engine, sum, 10 seeds", 10, lambda xla: engine("sum", 10, xla=xla)),
            ("engine, pcgrad, 10 seeds", 10, lambda xla: engine("pcgrad", 10, xla=xla)),
            ("engine, mgda, 10 seeds", 10, lambda xla: engine("mgda", 10, xla=xla)),
        )
    }
    times: dict[str, list[float]] = {name: [] for name in variants}
    order = np.random.default_rng(0)
    for round_ in range(ROUNDS + 1):
        for name in order.permutation(list(variants)):
            seeds, run = variants[name]
            began = time.perf_counter()
            run()
            if round_:  # the first one traces and compiles
                times[name].append((time.perf_counter() - began) / (STEPS * seeds) * 1e6)
    print(f"{'µs per seed-step':38}{'median':>8}   times faster than fit / plain loop (same mode)")
    for name, found in times.items():
        mode = name.rpartition(", ")[2]
        ratios = [
            statistics.median(a / b for a, b in zip(times[f"{peer}, {mode}"], found, strict=True))
            for peer in ("Keras fit", "tf.data + tf.function")
        ]
        print(f"{name:38}{statistics.median(found):8.1f}   {ratios[0]:8.1f} / {ratios[1]:.1f}")


if __name__ == "__main__":
    main()
