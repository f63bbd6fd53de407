"""Ten one-vs-rest classes, most labels missing, and two classes that matter."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.digits import CLASSES, DATASET, digits
from .core.losses import binary_cross_entropy
from .core.metrics import average_precision
from .core.task import Head, Task
from .core.transforms import flat, generator

SEED = 3
SEEN = 0.15  # share of the training labels that is known
COLUMNS = {"zero": [0], "two": [2], "rest": [1, 3, 4, 5, 6, 7, 8, 9]}


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 64); for each head labels 0 or 1 (N, O) and "<head>_seen" (N, O), 1 where known.

    A label that is not seen is stored as 0, so that nothing can be learned from it, and a loss
    that forgets the mask takes it for a negative.
    """
    splits = {}
    for split, source in digits(folder).items():
        labels = np.eye(CLASSES, dtype=np.float32)[source["label"]]
        seen = np.ones_like(labels)
        if split == "train":
            known = generator(SEED, split).random(labels.shape) < SEEN
            seen = known.astype(np.float32)
        splits[split] = {"x": flat(source["image"])}
        for head, columns in COLUMNS.items():
            splits[split][head] = (labels * seen)[:, columns]
            splits[split][f"{head}_seen"] = seen[:, columns]
    return splits


def model() -> keras.Model:
    """64 -> 16, a linear head for each of the three losses."""
    x = keras.Input((64,), name="x")
    hidden = keras.layers.Dense(16, "relu", name="trunk_1")(x)
    return keras.Model(
        x,
        {
            head: keras.layers.Dense(len(columns), name=head)(hidden)
            for head, columns in COLUMNS.items()
        },
    )


def _head(name: str, weight: float, relevant: tuple[int, ...], chance: float) -> Head:
    return Head(
        name,
        binary_cross_entropy(name, name),
        weight=weight,
        observed=f"{name}_seen",
        relevant=relevant,
        metrics=(average_precision(name, name, chance=chance),),
    )


task = Task(
    summary="One-vs-rest digits with 15 % of the labels: classes 0 and 2 matter, the rest helps.",
    source="document 001 (outputs 0 and 2, masks, weights 0.8 and 0.2)",
    situation="missing labels",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        _head("zero", 0.8, (0,), chance=0.0942),
        _head("two", 0.2, (0,), chance=0.0978),
        _head("rest", 0.0, (), chance=0.101),
    ),
    primary="zero/average_precision",
    steps=1500,
    batch_size=64,
    learning_rate=5e-3,
    sgd_learning_rate=0.1,
)
