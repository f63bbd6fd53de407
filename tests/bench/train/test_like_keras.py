"""What Keras trains right is trained right here: the same weights after the same steps.

`sum` with Adam and a half cosine of the learning rate, against `compile` and `fit` of the same
model on the same batches.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import constraints, layers, regularizers

from lossbench import strategies
from lossbench.bench.train.engine import Engine
from lossbench.bench.train.network import Network
from lossbench.bench.train.step import Step
from lossbench.datasets.core.losses import squared_error
from lossbench.datasets.core.task import Head, Task

STEPS, BATCH, ROWS, FEATURES, RATE = 24, 16, 64, 6, 1e-2


class Penalised(layers.Layer):  # pyright: ignore[reportUntypedBaseClass]
    """Adds a loss of its own, as a layer of a user does."""

    def call(self, inputs):
        self.add_loss(3.0 * tf.reduce_mean(tf.square(inputs)))
        return inputs


def two_heads(x, hidden, *, after: dict[str, layers.Layer] | None = None) -> keras.Model:
    heads = {name: (after or {}).get(name) or layers.Dense(1, name=name) for name in ("a", "b")}
    return keras.Model(x, {name: head(hidden) for name, head in heads.items()})


def of_numbers(*trunk: layers.Layer, after: dict[str, layers.Layer] | None = None) -> keras.Model:
    x = keras.Input((FEATURES,))
    hidden = x
    for layer in trunk:
        hidden = layer(hidden)
    return two_heads(x, hidden, after=after)


def of_words() -> keras.Model:
    x = keras.Input((3,), dtype="int32")
    hidden = layers.Flatten()(layers.Embedding(20, 4, embeddings_regularizer="l2")(x))
    return two_heads(x, layers.Dense(8, "relu")(hidden))


def of_several() -> keras.Model:
    inputs = {"left": keras.Input((2,), name="left"), "right": keras.Input((4,), name="right")}
    return two_heads(inputs, layers.Dense(8, "relu")(layers.Concatenate()(list(inputs.values()))))


class Subclassed(keras.Model):  # pyright: ignore[reportUntypedBaseClass]
    """Has no weights until it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(8, "relu", kernel_regularizer="l2")
        self.a, self.b = layers.Dense(1), layers.Dense(1)

    def call(self, x):
        hidden = self.hidden(x)
        return {"a": self.a(hidden), "b": self.b(hidden)}


MODELS: dict[str, Callable[[], keras.Model]] = {
    "plain": lambda: of_numbers(layers.Dense(8, "relu")),
    "kernel and bias regularisers": lambda: of_numbers(
        layers.Dense(8, "relu", kernel_regularizer=regularizers.L2(0.5)),
        after={"b": layers.Dense(1, name="b", bias_regularizer="l1", kernel_regularizer="l2")},
    ),
    "orthogonal regulariser": lambda: of_numbers(
        layers.Dense(8, kernel_regularizer=regularizers.OrthogonalRegularizer(0.3))
    ),
    "activity regulariser": lambda: of_numbers(
        layers.Dense(8, "relu", activity_regularizer=regularizers.L1(0.2))
    ),
    "add_loss": lambda: of_numbers(layers.Dense(8, "relu"), Penalised()),
    "a regulariser inside a model inside": lambda: of_numbers(
        keras.Sequential([layers.Dense(8, "relu", kernel_regularizer="l2"), Penalised()])
    ),
    "constraints": lambda: of_numbers(
        layers.Dense(8, "relu", kernel_constraint=constraints.MaxNorm(0.4)),
        layers.Dense(8, kernel_constraint="unit_norm", bias_constraint="non_neg"),
    ),
    "batch normalisation": lambda: of_numbers(
        layers.Dense(8, use_bias=False), layers.BatchNormalization()
    ),
    "embedding": of_words,
    "recurrent": lambda: of_numbers(layers.Reshape((3, 2)), layers.LSTM(5)),
    "recurrent, unrolled": lambda: of_numbers(layers.Reshape((3, 2)), layers.GRU(5, unroll=True)),
    "convolution": lambda: of_numbers(
        layers.Reshape((6, 1)), layers.Conv1D(4, 3, kernel_regularizer="l2"), layers.Flatten()
    ),
    "several inputs": of_several,
    "subclassed": Subclassed,
}


def arrays(model: keras.Model):
    random = np.random.default_rng(0)
    x = random.standard_normal((ROWS, FEATURES)).astype(np.float32)
    targets = {"a": x[:, :1] - x[:, 1:2], "b": x[:, 2:3] * x[:, 3:4]}
    given = getattr(model, "input", None)  # a subclassed model has none
    if isinstance(given, dict):
        return {"x": {"left": x[:, :2], "right": x[:, 2:]}, **targets}
    if given is not None and given.shape[1] == 3:
        return {"x": random.integers(20, size=(ROWS, 3)).astype(np.int32), **targets}
    return {"x": x, **targets}


def made(build: Callable[[], keras.Model]) -> keras.Model:
    keras.utils.set_random_seed(1)
    return build()


def by_fit(build: Callable[[], keras.Model], data, indices: np.ndarray) -> list[np.ndarray]:
    model = made(build)

    class Cosine(keras.callbacks.Callback):  # pyright: ignore[reportUntypedBaseClass]
        def on_train_batch_begin(self, batch, logs=None):
            rate = RATE * 0.5 * (1 + math.cos(math.pi * batch / STEPS))
            self.model.optimizer.learning_rate.assign(rate)

    model.compile(keras.optimizers.Adam(RATE), loss={"a": "mse", "b": "mse"})
    ordered = tf.nest.map_structure(lambda column: column[indices.ravel()], data)
    x = ordered.pop("x")
    model.fit(x, ordered, BATCH, shuffle=False, verbose=0, callbacks=[Cosine()])
    return [variable.numpy() for variable in model.weights]


def by_engine(build: Callable[[], keras.Model], data, indices, **options) -> list[np.ndarray]:
    task = Task(
        summary="two regressions",
        source="tests",
        dataset="",
        data=lambda folder: {},
        model=lambda: made(build),
        heads=tuple(Head(name, squared_error(name, name)) for name in ("a", "b")),
        primary="a/mse",
        steps=STEPS,
        name="like_keras",
    )
    network = Network(task, tf.nest.map_structure(lambda column: tf.constant(column[:4]), data))
    step = Step(network, strategies.get(options.pop("strategy", "sum")))
    engine = Engine(step, data, steps=STEPS, chunk=STEPS, xla=False, **options)
    model = network.model
    carry = engine.initial(
        [[variable.numpy() for variable in model.trainable_variables]],
        [[variable.numpy() for variable in model.non_trainable_variables]],
    )
    carry, _ = engine.run(carry, indices[:, None].astype(np.int32), None, np.array([RATE]), 0)
    for variables, values in (
        (model.trainable_variables, carry.trainable),
        (model.non_trainable_variables, carry.other),
    ):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value[0])
    return [variable.numpy() for variable in model.weights]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_trains_as_in_keras(name):
    data = arrays(made(MODELS[name]))
    indices = np.random.default_rng(3).integers(0, ROWS, (STEPS, BATCH))
    model = made(MODELS[name])
    model(data["x"])
    before = [variable.numpy() for variable in model.weights]
    fitted, ours = (train(MODELS[name], data, indices) for train in (by_fit, by_engine))
    for start, expected, found in zip(before, fitted, ours, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-5)
        assert start.size < 2 or not np.allclose(start, expected, atol=1e-4), "it has trained"
