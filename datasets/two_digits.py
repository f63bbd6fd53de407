"""Two overlapping digits: the null control, two equally hard losses that hardly conflict."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.digits import CLASSES, DATASET, digits
from .core.pairs import heads, pairs
from .core.task import Task

SEED = 1
SHIFT = 2  # pixels between the two
PAIRS = {"train": 4000, "validation": 1000, "test": 1000}


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 100), left (N,), right (N,)."""
    splits = {split: (part["image"], part["label"]) for split, part in digits(folder).items()}
    return pairs(splits, seed=SEED, shift=SHIFT, counts=PAIRS)


def model() -> keras.Model:
    """100 -> 32 -> 32, two linear heads."""
    x = keras.Input((100,), name="x")
    hidden = keras.layers.Dense(32, "relu", name="trunk_1")(x)
    hidden = keras.layers.Dense(32, "relu", name="trunk_2")(hidden)
    return keras.Model(
        x,
        {
            "left": keras.layers.Dense(CLASSES, name="left")(hidden),
            "right": keras.layers.Dense(CLASSES, name="right")(hidden),
        },
    )


task = Task(
    summary="Two overlapping digits, read both: balanced losses, where no strategy should win.",
    source="documents 001 and 003 (weights 0.8 and 0.2); MultiMNIST, Sabour et al. 2017",
    situation="balanced",
    dataset=DATASET,
    data=data,
    model=model,
    heads=heads(0.099, 0.098),
    primary="left/mean_accuracy",
    steps=1000,
    batch_size=64,
    learning_rate=1e-2,
    sgd_learning_rate=0.05,
    variations=("right*0.01",),
)
