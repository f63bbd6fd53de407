"""The reference model of the benchmarks, and a chunk of its training in the engine.

A 64-128-64 trunk on the 8x8 digits, batch 64, Adam, and up to eight heads: 10-way classes, the 64
pixels, then parity and others.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

from lossbench import strategies
from lossbench.bench.train.engine import Engine
from lossbench.bench.train.network import Network
from lossbench.bench.train.step import Step
from lossbench.datasets.core.losses import cross_entropy
from lossbench.datasets.core.task import Head, Task

BATCH, STEPS, EXAMPLES = 64, 250, 1280


def data(num_heads: int = 2) -> dict[str, np.ndarray]:
    digits = load_digits()
    label = digits.target.astype(np.int32)[:EXAMPLES]
    found = {"x": (digits.data / 16).astype(np.float32)[:EXAMPLES], "label": label}
    return found | {f"modulo_{k}": label % k for k in range(2, num_heads)}


def model(num_heads: int = 2) -> keras.Model:
    x = keras.Input((64,))
    trunk = keras.layers.Dense(64, "relu")(keras.layers.Dense(128, "relu")(x))
    heads = {"label": keras.layers.Dense(10), "pixels": keras.layers.Dense(64)}
    heads |= {f"modulo_{k}": keras.layers.Dense(k) for k in range(2, num_heads)}
    return keras.Model(x, {name: layer(trunk) for name, layer in heads.items()})


def task(num_heads: int = 2) -> Task:
    heads = [
        Head("label", cross_entropy("label", "label")),
        Head("pixels", lambda o, b: tf.square(o["pixels"] - b["x"])),
    ]
    names = [f"modulo_{k}" for k in range(2, num_heads)]
    heads += [Head(name, cross_entropy(name, name)) for name in names]
    return Task(
        summary="reference model",
        source="",
        dataset="",
        data=lambda folder: {},
        model=lambda: model(num_heads),
        heads=tuple(heads),
        primary="",
        steps=STEPS,
        name="reference",
    )


def engine(
    strategy: str | strategies.Strategy, seeds: int, *, xla: bool, num_heads: int = 2
) -> Callable[[], None]:
    """A call trains STEPS steps of all seeds."""
    arrays = data(num_heads)
    network = Network(
        task(num_heads), {key: tf.constant(value[:BATCH]) for key, value in arrays.items()}
    )
    made = strategies.get(strategy) if isinstance(strategy, str) else strategy
    step = Step(network, made)
    trained = Engine(step, arrays, steps=STEPS, chunk=STEPS, xla=xla)
    models = [model(num_heads) for _ in range(seeds)]
    weights = [[v.numpy() for v in m.trainable_variables] for m in models]
    carry = trained.initial(weights, [[]] * seeds)
    random = np.random.default_rng(0)
    batches = random.integers(0, EXAMPLES, (STEPS, seeds, BATCH)).astype(np.int32)
    noise = made.noise(num_heads, step.num_shared)
    draws = None if noise is None else random.random((STEPS, seeds, *noise.shape), np.float32)
    rates = np.full(seeds, 1e-3)

    def run() -> None:
        trained.run(carry, batches, draws, rates, 0)

    return run
