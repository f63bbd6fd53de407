"""A diagnosis that one tumour in ten has, beside a measurement that all have."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.loader import arrays
from .core.losses import binary_cross_entropy, squared_error
from .core.metrics import negative_log_likelihood, r2
from .core.tables import inputs, standardised
from .core.task import Head, Task
from .core.transforms import generator

DATASET = "sk_tabular/breast_cancer"
SEED = 6
SEEN = 0.1  # share of the training rows whose diagnosis is known
TARGET = "features/worst_concave_points"


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 20): means and errors; malignant (N, 1), seen (N, 1); concave (N, 1) standardised.

    A diagnosis that is not seen is stored as 0, as if benign: whoever forgets the mask learns that.
    Validation and test have all labels.
    """
    splits = arrays(DATASET, folder)
    x = inputs(splits, lambda name: not name.startswith("worst_"))
    concave = standardised({split: part[TARGET][:, None] for split, part in splits.items()})
    found = {}
    for split, part in splits.items():
        malignant = (part["label"] == 0).astype(np.float32)[:, None]
        seen = np.ones_like(malignant)
        if split == "train":
            seen = (generator(SEED, split).random(malignant.shape) < SEEN).astype(np.float32)
        found[split] = {
            "x": x[split],
            "malignant": malignant * seen,
            "seen": seen,
            "concave": concave[split],
        }
    return found


def model() -> keras.Model:
    """20 -> 16 relu, two linear outputs."""
    x = keras.Input((20,), name="x")
    hidden = keras.layers.Dense(16, "relu", name="trunk_1")(x)
    outputs = {name: keras.layers.Dense(1, name=name)(hidden) for name in ("malignant", "concave")}
    return keras.Model(x, outputs)


task = Task(
    summary="A diagnosis that a tenth of the tumours has, beside a measurement that all have.",
    source="multi-task learning with missing labels; document 001 (masks)",
    situation="missing labels",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "malignant",
            binary_cross_entropy("malignant", "malignant"),
            observed="seen",
            metrics=(negative_log_likelihood("malignant", "malignant", chance=0.667),),
        ),
        Head(
            "concave",
            squared_error("concave", "concave"),
            metrics=(r2("concave", "concave", chance=-0.0002),),
        ),
    ),
    primary="malignant/nll",
    steps=1000,
    batch_size=32,
    learning_rate=5e-3,
)
