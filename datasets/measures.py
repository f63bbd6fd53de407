"""Ten measures of a tumour from ten others: many losses of like size through a narrow trunk."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.loader import arrays
from .core.losses import squared_error
from .core.metrics import r2
from .core.tables import inputs, standardised
from .core.task import Head, Task

DATASET = "sk_tabular/breast_cancer"
CELLS = {  # name to the r2 of the training mean on the test split
    "radius": -0.0017,
    "texture": -0.0012,
    "perimeter": -0.0012,
    "area": -0.0014,
    "smoothness": -0.0007,
    "compactness": -0.0048,
    "concavity": -0.003,
    "concave_points": -0.0002,
    "symmetry": 0.0,
    "fractal_dimension": -0.0091,
}


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 10): the errors of the measures; each worst measure (N, 1), standardised."""
    splits = arrays(DATASET, folder)
    x = inputs(splits, lambda name: name.endswith("_error"))
    found = {split: {"x": x[split]} for split in splits}
    for cell in CELLS:
        column = {split: part[f"features/worst_{cell}"][:, None] for split, part in splits.items()}
        for split, values in standardised(column).items():
            found[split][cell] = values
    return found


def model() -> keras.Model:
    """10 -> 12 tanh -> ten linear outputs."""
    x = keras.Input((10,), name="x")
    hidden = keras.layers.Dense(12, "tanh", name="trunk_1")(x)
    return keras.Model(x, {cell: keras.layers.Dense(1, name=cell)(hidden) for cell in CELLS})


task = Task(
    summary="Ten measures of a tumour's cells at once, some hard and some easy: many losses.",
    source="multi-output regression",
    situation="many losses",
    dataset=DATASET,
    data=data,
    model=model,
    heads=tuple(
        Head(cell, squared_error(cell, cell), metrics=(r2(cell, cell, chance=chance),))
        for cell, chance in CELLS.items()
    ),
    primary="area/r2",
    steps=1000,
    batch_size=32,
    learning_rate=5e-3,
)
