"""Tell sine from square waves and estimate their frequency, from noisy samples.

A file of one's own is a task like the others:

    lossbench run --tasks examples/waves.py --strategies "sum uw pcgrad"
"""

import keras
import numpy as np

from lossbench.datasets import Head, Task
from lossbench.datasets.core.losses import cross_entropy, squared_error
from lossbench.datasets.core.metrics import accuracy, r2

SAMPLES = 32


def data(folder):
    """x (N, 32), shape (N,) 0 or 1, frequency (N, 1); `folder` is for prepared data sets."""
    splits = {}
    for seed, (split, count) in enumerate({"train": 2000, "validation": 500, "test": 500}.items()):
        random = np.random.default_rng(seed)  # constant: every run must have the same data
        shape = random.integers(2, size=count)
        frequency = random.uniform(1, 4, (count, 1))
        start = random.uniform(0, 2 * np.pi, (count, 1))
        wave = np.sin(2 * np.pi * frequency * np.linspace(0, 1, SAMPLES) + start)
        wave = np.where(shape[:, None] == 1, np.sign(wave), wave)
        splits[split] = {
            "x": (wave + random.normal(0, 0.1, wave.shape)).astype(np.float32),
            "shape": shape.astype(np.int32),
            "frequency": frequency.astype(np.float32),
        }
    return splits


def model():
    """A new model whose outputs are a dict; the initial weights depend on the global seed alone."""
    x = keras.Input((SAMPLES,), name="x")
    hidden = keras.layers.Dense(32, "relu", name="trunk_1")(x)
    hidden = keras.layers.Dense(32, "relu", name="trunk_2")(hidden)
    return keras.Model(
        x,
        {
            "shape": keras.layers.Dense(2, name="shape")(hidden),
            "frequency": keras.layers.Dense(1, name="frequency")(hidden),
        },
    )


task = Task(
    summary="Shape and frequency of a noisy wave.",
    source="an example",
    situation="balanced",
    dataset="",  # no TFDS data set
    data=data,
    model=model,
    heads=(
        Head(
            "shape",
            cross_entropy("shape", "shape"),
            metrics=(accuracy("shape", "shape", chance=0.5),),  # what a constant reaches
        ),
        Head(
            "frequency",
            squared_error("frequency", "frequency"),
            weight=0.5,
            metrics=(r2("frequency", "frequency", chance=0.0),),
        ),
    ),
    primary="shape/accuracy",
    steps=1000,
    learning_rate=3e-3,
)
