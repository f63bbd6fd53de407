"""Three measures of a patient in units of their own: losses of 5,900, 19 and 0.3."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from .core.loader import arrays
from .core.losses import squared_error
from .core.metrics import r2
from .core.tables import centred, inputs
from .core.task import Head, Task

DATASET = "sk_tabular/diabetes"


class Target(NamedTuple):
    """A head: its column, the unit that brings a network's output to its size, and its levels.

    weight: by hand, about 1 / variance; chance: r2 of the training mean on the test split.
    """

    column: str
    unit: float
    weight: float
    chance: float


TARGETS = {
    "progression": Target("target", 100.0, 1e-4, -0.0001),
    "bmi": Target("features/bmi", 5.0, 0.05, -0.0008),
    "triglycerides": Target("features/s5", 1.0, 4.0, -0.0046),
}


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 8); progression after a year, body mass index and log of triglycerides, each (N, 1).

    The targets are in the units of the table, less the training mean. No input is a target.
    """
    splits = arrays(DATASET, folder)
    columns = {target.column for target in TARGETS.values()}
    x = inputs(splits, lambda name: f"features/{name}" not in columns)
    found = {split: {"x": x[split]} for split in splits}
    for head, target in TARGETS.items():
        values = {split: part[target.column].astype(np.float32) for split, part in splits.items()}
        for split, part in centred(values).items():
            found[split][head] = part
    return found


def model() -> keras.Model:
    """8 -> 6 tanh -> three linear outputs."""
    x = keras.Input((8,), name="x")
    hidden = keras.layers.Dense(6, "tanh", name="trunk_1")(x)
    return keras.Model(x, {head: keras.layers.Dense(1, name=head)(hidden) for head in TARGETS})


task = Task(
    summary="Progression, body mass and blood fat of a patient, each in its own unit.",
    source="documents 003 (one loss dominates another) and 004 (losses of different scale)",
    situation="units",
    dataset=DATASET,
    data=data,
    model=model,
    heads=tuple(
        Head(
            head,
            squared_error(head, head, target.unit),
            weight=target.weight,
            metrics=(r2(head, head, target.unit, chance=target.chance),),
        )
        for head, target in TARGETS.items()
    ),
    primary="progression/r2",
    steps=1000,
    batch_size=32,
    learning_rate=1e-2,
)
