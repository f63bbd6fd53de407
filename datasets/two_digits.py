"""Two overlapping digits: the null control, two equally hard losses that hardly conflict."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.digits import CLASSES, DATASET, digits
from .core.losses import cross_entropy
from .core.metrics import accuracy, mean_of
from .core.task import Head, Task
from .core.transforms import flat, generator, overlay

SEED = 1
SHIFT = 2  # pixels between the two
PAIRS = {"train": 4000, "validation": 1000, "test": 1000}


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 100), left (N,), right (N,).

    Both digits of a pair come from the split itself: a shared pool would lift the accuracy by a
    tenth, for no merit of any strategy.
    """
    splits = {}
    for split, source in digits(folder).items():
        random = generator(SEED, split)
        first, second = random.integers(len(source["label"]), size=(2, PAIRS[split]))
        splits[split] = {
            "x": flat(overlay(source["image"][first], source["image"][second], SHIFT)),
            "left": source["label"][first],
            "right": source["label"][second],
        }
    return splits


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


LEFT = accuracy("left", "left", chance=0.099)
RIGHT = accuracy("right", "right", chance=0.098)

task = Task(
    summary="Two overlapping digits, read both: balanced losses, where no strategy should win.",
    source="documents 001 and 003 (weights 0.8 and 0.2); MultiMNIST, Sabour et al. 2017",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "left",
            cross_entropy("left", "left"),
            weight=0.8,
            # Judged by one digit, a strategy would win by neglecting the other.
            metrics=(LEFT, mean_of("mean_accuracy", LEFT, RIGHT)),
        ),
        Head(
            "right",
            cross_entropy("right", "right"),
            weight=0.2,
            metrics=(RIGHT,),
        ),
    ),
    primary="left/mean_accuracy",
    steps=1500,
    batch_size=64,
    learning_rate=5e-3,
    sgd_learning_rate=0.05,
    variations=("right*0.01",),
)
