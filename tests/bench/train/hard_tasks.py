"""Small tasks as users have them: recurrent layers, few labels, several inputs, real weights."""

import dataclasses
import functools

import keras
import numpy as np

from lossbench.datasets import Head, Metric, Task
from lossbench.datasets.core.losses import squared_error
from lossbench.datasets.core.metrics import r2

FEATURES = 6


def numbers(seed, rows, share=1.0, weights=False):
    random = np.random.default_rng(seed)
    x = random.standard_normal((rows, FEATURES)).astype(np.float32)
    seen = (random.random((rows, 1)) < share).astype(np.float32)
    if weights:
        seen = seen * random.random((rows, 1)).astype(np.float32)
    b = x[:, :1] - x[:, 1:2]
    return {
        "x": x,
        "a": x @ np.arange(1, FEATURES + 1, dtype=np.float32)[:, None] / FEATURES,
        "b": np.where(seen > 0, b, 0),
        "seen": seen,
    }


def data(folder, rows=512, share=1.0, weights=False):
    return {
        "train": numbers(0, rows, share, weights),
        "validation": numbers(1, 64),
        "test": numbers(2, 64),
    }


def parted(folder):
    """Two inputs in place of one."""
    return {
        split: {**columns, "x": {"left": columns["x"][:, :2], "right": columns["x"][:, 2:]}}
        for split, columns in data(folder).items()
    }


def heads_on(inputs, hidden):
    return keras.Model(
        inputs,
        {name: keras.layers.Dense(1, name=name)(hidden) for name in ("a", "b")},
    )


def dense():
    x = keras.Input((FEATURES,))
    return heads_on(x, keras.layers.Dense(16, "relu")(x))


def looping():
    x = keras.Input((FEATURES,))
    return heads_on(x, keras.layers.LSTM(4)(keras.layers.Reshape((3, 2))(x)))


def two_inputs():
    inputs = {"left": keras.Input((2,), name="left"), "right": keras.Input((4,), name="right")}
    hidden = [keras.layers.Dense(8, "relu")(part) for part in inputs.values()]
    return heads_on(inputs, keras.layers.Concatenate()(hidden))


class Subclassed(keras.Model):  # pyright: ignore[reportUntypedBaseClass]
    """Has no weights until it is called."""

    def __init__(self):
        super().__init__()
        self.hidden = [keras.layers.Dense(16, "relu", kernel_regularizer="l2") for _ in range(2)]
        self.normalised = keras.layers.BatchNormalization()
        self.a, self.b = keras.layers.Dense(1), keras.layers.Dense(1)

    def call(self, x, training=None):
        for layer in self.hidden:
            x = layer(x)
        x = self.normalised(x, training=training)
        return {"a": self.a(x), "b": self.b(x)}


def made(name, model=dense, load=data, observed="seen"):
    return Task(
        summary="two regressions",
        source="tests",
        dataset="",
        data=load,
        model=model,
        heads=(
            Head("a", squared_error("a", "a"), metrics=(r2("a", "a", chance=0.0),)),
            Head(
                "b",
                squared_error("b", "b"),
                observed=observed,
                metrics=(r2("b", "b", chance=0.0),),
            ),
        ),
        primary="b/r2",
        steps=200,
        batch_size=64,
        learning_rate=1e-2,
        name=name,
    )


labelled = made("labelled", observed=None)
recurrent = made("recurrent", looping, observed=None)
subclassed = made("subclassed", Subclassed, observed=None)
several = made("several", two_inputs, parted, observed=None)
few = made("few", load=functools.partial(data, rows=2048, share=0.03))
weighted = made("weighted", load=functools.partial(data, weights=True))


def failing(outputs, arrays):
    """Finite for the fresh model of the check, and not after the first steps."""
    if np.abs(outputs["a"]).mean() > 1e-3:
        raise KeyError("a word")
    return 0.0


def unbounded(outputs, arrays):
    return -np.inf


broken = dataclasses.replace(
    labelled,
    name="broken",
    heads=(
        dataclasses.replace(
            labelled.heads[0],
            metrics=(
                *labelled.heads[0].metrics,
                Metric("failing", failing, True),
                Metric("unbounded", unbounded, True),
            ),
        ),
        labelled.heads[1],
    ),
)
