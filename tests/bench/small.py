"""A task small enough to train every strategy on, and how to train it without the command line."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from lossbench.bench.plan import search
from lossbench.bench.train.engine import Engine
from lossbench.bench.train.network import Network
from lossbench.bench.train.step import Carry, Record, Step
from lossbench.datasets.core.task import Head, Task
from lossbench.strategies import Strategy

EXAMPLES, FEATURES, BATCH, STEPS, SEEDS = 24, 5, 8, 6, 3


def arrays() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.standard_normal((EXAMPLES, FEATURES)).astype(np.float32)
    return {
        "x": x,
        "a": np.tanh(x[:, :2]),
        "b": (x[:, 2:4] ** 2 + 0.5).astype(np.float32),
        "seen": (random.random((EXAMPLES, 2)) < 0.7).astype(np.float32),
    }


def model() -> keras.Model:
    x = keras.Input((FEATURES,))
    trunk = keras.layers.Dense(4, "tanh", name="trunk")(x)
    return keras.Model(
        x,
        {
            "a": keras.layers.Dense(2, name="a")(trunk),
            "b": keras.layers.Dense(2, name="b")(trunk),
        },
    )


def squared(name: str):
    return lambda outputs, batch: tf.square(outputs[name] - batch[name])


def task(optimizer: str = "adam", nuisance: bool = False, penalty: float = 0.0) -> Task:
    heads = [
        Head("a", squared("a"), weight=0.8),
        Head("b", squared("b"), kind="nuisance" if nuisance else "task", weight=0.2),
    ]
    if penalty:
        heads.append(
            Head("size", lambda o, _: tf.square(o["a"]), kind="regulariser", weight=penalty)
        )
    return Task(
        summary="two small regressions",
        source="tests",
        dataset="none",
        data=lambda folder: dict.fromkeys(("train", "validation", "test"), arrays()),
        model=model,
        heads=tuple(heads),
        primary="a/mse",
        steps=STEPS,
        batch_size=BATCH,
        optimizer=optimizer,
        name="small",
    )


@functools.cache
def network(optimizer: str = "adam", nuisance: bool = False, penalty: float = 0.0) -> Network:
    batch = {key: tf.constant(value[:BATCH]) for key, value in arrays().items()}
    return Network(task(optimizer, nuisance, penalty), batch)


@functools.cache
def lonely() -> Network:
    """A task with one loss."""
    alone = dataclasses.replace(task("sgd"), heads=task().heads[:1])
    batch = {key: tf.constant(value[:BATCH]) for key, value in arrays().items()}
    return Network(alone, batch)


def initial_weights(seeds: int = SEEDS) -> list[list[np.ndarray]]:
    weights = []
    for seed in range(seeds):
        random = np.random.default_rng(100 + seed)
        weights.append(
            [
                random.standard_normal(v.shape).astype(np.float32) * 0.5
                for v in network().model.trainable_variables
            ]
        )
    return weights


def train(
    strategy: Strategy,
    *,
    net: Network | None = None,
    xla: bool = False,
    vectorised: bool = True,
    weights: list[list[np.ndarray]] | None = None,
    rate: float = 0.05,
    heads: str = "own",
    chunk: int = 4,
    configurations: Sequence[search.Trial] | None = None,
    only: int | None = None,
) -> tuple[Engine, Carry, Record]:
    """Train STEPS steps in chunks of `chunk`, the last one shorter; of all runs, or of one alone.

    `configurations` gives each run its rate and hyperparameters; else all have `rate`.
    """
    weights = weights or initial_weights()
    seeds = len(weights)
    step = Step(net or network(), strategy, heads)
    engine = Engine(step, arrays(), steps=STEPS, chunk=chunk, xla=xla, vectorised=vectorised)
    runs = slice(None) if only is None else slice(only, only + 1)
    carry = engine.initial(weights[runs], [[] for _ in weights[runs]])
    random = np.random.default_rng(7)
    batches = random.integers(0, EXAMPLES, (STEPS, seeds, BATCH)).astype(np.int32)
    noise = strategy.noise(2, step.num_shared)
    draws = None if noise is None else random.random((STEPS, seeds, *noise.shape), np.float32)
    rates, tuned = search.stacked(configurations or [search.Trial(rate, {})] * seeds)
    records = []
    for at in range(0, STEPS, chunk):
        part = slice(at, at + chunk)
        carry, record = engine.run(
            carry,
            batches[part, runs],
            None if draws is None else draws[part, runs],
            rates[runs],
            at,
            {key: value[runs] for key, value in tuned.items()},
        )
        records.append(record)
    return engine, carry, Record(*(np.concatenate(leaves) for leaves in zip(*records, strict=True)))


def by_hand(net, weights, coefficients):
    """Gradients of sum_k c_k l_k (+ regularisers) by each variable; c may differ per variable."""
    trainable = [tf.constant(w) for w in weights]
    batch = {key: tf.constant(value[:BATCH]) for key, value in arrays().items()}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(trainable)
        values, penalties, _ = net.losses(Strategy(), trainable, [], batch)
    rows = [tape.gradient(v, trainable, unconnected_gradients="zero") for v in values]
    extra = [tape.gradient(p, trainable, unconnected_gradients="zero") for p in penalties]
    gradients = []
    for i, name in enumerate(v.path.split("/")[0] for v in net.model.trainable_variables):
        chosen = coefficients[name] if isinstance(coefficients, dict) else coefficients
        total = sum(c * row[i] for c, row in zip(chosen, rows, strict=True))
        gradients.append(total + sum(row[i] for row in extra))
    return np.array([v.numpy() for v in values]), gradients


def one_step(strategy, net, heads="own"):
    """Gradients that a step of SGD applied, from the change of the weights."""
    weights = initial_weights(1)[0]
    step = Step(net, strategy, heads)
    batch = {key: tf.constant(value[:BATCH]) for key, value in arrays().items()}
    carry = step.initial([tf.constant(w) for w in weights], [])
    noise = strategy.noise(len(net.combined), step.num_shared)
    draw = None if noise is None else tf.random.uniform(noise.shape)
    after, record = tf.function(
        lambda: step(carry, batch, tf.constant(1.0), draw, tf.constant(0)), autograph=False
    )()
    return weights, [w - v for w, v in zip(weights, after.trainable, strict=True)], record


def assert_gradients(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
