"""Few labels and two regularisers: small hidden activations, and outputs that resist noise."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.digits import CLASSES, DATASET, digits
from .core.losses import cross_entropy, squared_change, sum_of_squares
from .core.metrics import accuracy
from .core.task import Head, Task
from .core.transforms import flat, generator

SEED = 8
PIXELS = 64
LABELLED = 200  # training digits
COPIES = 20  # of each, with independent noise
NOISE = 0.3  # standard deviation


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 128): a picture, then the same picture with noise; digit (N,).

    The noise is data, drawn once: every strategy sees the same, and accuracy under noise is the
    same question for all.
    """
    splits = {}
    for split, source in digits(folder).items():
        random = generator(SEED, split)
        rows = np.arange(len(source["label"]))
        if split == "train":
            rows = np.tile(random.permutation(rows)[:LABELLED], COPIES)
        clean = flat(source["image"][rows])
        noise = random.normal(0, NOISE, clean.shape).astype(np.float32)
        splits[split] = {
            "x": np.concatenate([clean, clean + noise], 1),
            "digit": source["label"][rows],
        }
    return splits


def model() -> keras.Model:
    """64 -> 64 -> 64 -> 10, applied to the clean and to the noisy picture.

    "hidden" is the last hidden layer of the clean one.
    """
    x = keras.Input((2 * PIXELS,), name="x")
    first = keras.layers.Dense(64, "relu", name="trunk_1")
    second = keras.layers.Dense(64, "relu", name="trunk_2")
    digit = keras.layers.Dense(CLASSES, name="digit")
    hidden = second(first(x[:, :PIXELS]))
    return keras.Model(
        x,
        {
            "digit": digit(hidden),
            "noisy": digit(second(first(x[:, PIXELS:]))),
            "hidden": hidden,
        },
    )


task = Task(
    summary="Learn digits from 200 labels, with penalties on hidden activations and on change.",
    source="document 002 (sum of squared hidden activations, smoothness, weights alpha)",
    situation="auxiliary",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "digit",
            cross_entropy("digit", "digit"),
            metrics=(
                accuracy("digit", "digit", chance=0.0978),
                accuracy("noisy", "digit", chance=0.0978, name="noisy_accuracy"),
            ),
        ),
        Head("hidden", sum_of_squares("hidden"), kind="regulariser", weight=1e-3),
        Head("change", squared_change("digit", "noisy"), kind="regulariser", weight=0.1),
    ),
    primary="digit/accuracy",
    steps=1000,
    batch_size=32,
    learning_rate=3e-3,
    sgd_learning_rate=0.1,
)
