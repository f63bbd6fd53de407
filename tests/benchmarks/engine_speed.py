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

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

from lossbench import strategies  # noqa: E402
from lossbench.bench.train.engine import Engine  # noqa: E402
from lossbench.bench.train.network import Network  # noqa: E402
from lossbench.bench.train.step import Step  # noqa: E402
from lossbench.datasets.core.losses import cross_entropy  # noqa: E402
from lossbench.datasets.core.task import Head, Task  # noqa: E402

BATCH, STEPS, ROUNDS = 64, 250, 7


def data() -> dict[str, np.ndarray]:
    digits = load_digits()
    return {
        "x": (digits.data / 16).astype(np.float32)[:1280],
        "label": digits.target.astype(np.int32)[:1280],
    }


def model() -> keras.Model:
    x = keras.Input((64,))
    trunk = keras.layers.Dense(64, "relu")(keras.layers.Dense(128, "relu")(x))
    heads = {"label": keras.layers.Dense(10), "pixels": keras.layers.Dense(64)}
    return keras.Model(x, {name: layer(trunk) for name, layer in heads.items()})


TASK = Task(
    summary="reference model",
    source="",
    dataset="",
    data=lambda folder: {},
    model=model,
    heads=(
        Head("label", cross_entropy("label", "label")),
        Head("pixels", lambda o, b: tf.square(o["pixels"] - b["x"])),
    ),
    primary="",
    steps=STEPS,
    name="reference",
)


def engine(name: str, seeds: int, *, xla: bool, vectorised: bool = True) -> Callable[[], None]:
    """A chunk of steps of all seeds in the engine."""
    arrays = data()
    network = Network(TASK, {key: tf.constant(value[:BATCH]) for key, value in arrays.items()})
    step = Step(network, strategies.get(name))
    made = Engine(step, arrays, steps=STEPS, chunk=STEPS, xla=xla, vectorised=vectorised)
    models = [model() for _ in range(seeds)]
    carry = made.initial([[v.numpy() for v in m.trainable_variables] for m in models], [[]] * seeds)
    random = np.random.default_rng(0)
    batches = random.integers(0, 1280, (STEPS, seeds, BATCH)).astype(np.int32)
    noise = step.strategy.noise(2, step.num_shared)
    draws = None if noise is None else random.random((STEPS, seeds, *noise.shape), np.float32)
    rates = np.full(seeds, 1e-3)

    def run() -> None:
        made.run(carry, batches, draws, rates, 0)

    return run


def plain_loop(*, xla: bool) -> Callable[[], None]:
    """What most people write: a tf.data pipeline, a tf.function step, a Python loop."""
    net, optimizer = model(), keras.optimizers.Adam(1e-3)
    optimizer.build(net.trainable_variables)
    arrays = data()
    batches = tf.data.Dataset.from_tensor_slices((arrays["x"], arrays["label"]))
    batches = batches.shuffle(1280).repeat().batch(BATCH, drop_remainder=True).prefetch(2)
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
        for _ in range(STEPS):
            loss = step(*next(iterator))
        float(loss)

    return run


def keras_fit(*, xla: bool) -> Callable[[], None]:
    """`model.fit` with the two losses compiled in, one epoch of STEPS steps."""
    net, arrays = model(), data()
    net.compile(
        "adam",
        loss={
            "label": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "pixels": keras.losses.MeanSquaredError(),
        },
        jit_compile=xla,
    )
    rows = np.arange(STEPS * BATCH) % 1280
    x, label = arrays["x"][rows], arrays["label"][rows]

    def run() -> None:
        net.fit(x, {"label": label, "pixels": x}, batch_size=BATCH, epochs=1, verbose=0)

    return run


def main() -> None:
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
