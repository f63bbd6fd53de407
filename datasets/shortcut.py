"""A mark that gives the label away in training and lies in the test: what subtraction is for."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.digits import CLASSES, DATASET, digits
from .core.losses import cross_entropy
from .core.metrics import accuracy, probe
from .core.task import Head, Task
from .core.transforms import flat, generator

SEED = 2
AGREEMENT = 0.95  # of the training marks; the others are uniform, so 95.5 % equal the label
COPIES = 4  # of each held-out digit, with independent marks


def mark(images: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Pictures (N, 8, 8) in a frame (N, 10, 10) with a bright mark above and below at a column."""
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    rows = np.arange(len(images))
    framed[rows, 0, columns] = 1.0
    framed[rows, -1, columns] = 1.0
    return framed


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 100), digit (N,), mark (N,): the column of the mark."""
    splits = {}
    for split, source in digits(folder).items():
        random = generator(SEED, split)
        copies = 1 if split == "train" else COPIES
        images, labels = np.repeat(source["image"], copies, 0), np.repeat(source["label"], copies)
        columns = random.integers(CLASSES, size=len(labels), dtype=np.int32)
        if split == "train":
            columns = np.where(random.random(len(labels)) < AGREEMENT, labels, columns)
        splits[split] = {"x": flat(mark(images, columns)), "digit": labels, "mark": columns}
    return splits


def model() -> keras.Model:
    """100 -> 64 -> 32 features, two linear heads; the features are an output for the probe."""
    x = keras.Input((100,), name="x")
    hidden = keras.layers.Dense(64, "relu", name="trunk_1")(x)
    features = keras.layers.Dense(32, "relu", name="trunk_2")(hidden)
    return keras.Model(
        x,
        {
            "digit": keras.layers.Dense(CLASSES, name="digit")(features),
            "mark": keras.layers.Dense(CLASSES, name="mark")(features),
            "features": features,
        },
    )


task = Task(
    summary="Read a digit beside a mark that betrays it in training only: unlearn the mark.",
    source="document 000 (one branch's loss subtracted from another's)",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "digit",
            cross_entropy("digit", "digit"),
            metrics=(accuracy("digit", "digit", chance=0.0942),),
        ),
        Head(
            "mark",
            cross_entropy("mark", "mark"),
            kind="nuisance",
            weight=0.1,
            # The head's own accuracy lies: it can be at chance while the probe still finds it all.
            metrics=(
                accuracy("mark", "mark", chance=0.0888, higher_is_better=False),
                probe("features", "mark", chance=0.0906),
            ),
        ),
    ),
    primary="digit/accuracy",
    steps=3000,
    batch_size=64,
    learning_rate=3e-3,
)
