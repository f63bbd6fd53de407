"""Predict the course of a disease from features that should not tell the patient's sex."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.loader import arrays
from .core.losses import cross_entropy, squared_error
from .core.metrics import accuracy, probe, r2
from .core.tables import inputs, standardised
from .core.task import Head, Task

DATASET = "sk_tabular/diabetes"


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 10), sex among them; progression (N, 1) standardised; sex (N,), 0 or 1."""
    splits = arrays(DATASET, folder)
    x = inputs(splits)
    target = standardised({split: part["target"][:, None] for split, part in splits.items()})
    return {
        split: {
            "x": x[split],
            "progression": target[split],
            "sex": (part["features/sex"] > 1.5).astype(np.int32),
        }
        for split, part in splits.items()
    }


def model() -> keras.Model:
    """10 -> 16 -> 8 features, two linear heads; the features are an output for the probe."""
    x = keras.Input((10,), name="x")
    hidden = keras.layers.Dense(16, "relu", name="trunk_1")(x)
    features = keras.layers.Dense(8, "relu", name="trunk_2")(hidden)
    return keras.Model(
        x,
        {
            "progression": keras.layers.Dense(1, name="progression")(features),
            "sex": keras.layers.Dense(2, name="sex")(features),
            "features": features,
        },
    )


task = Task(
    summary="Predict how a disease goes on from features that should not tell the patient's sex.",
    source="document 000 (one branch's loss subtracted from another's); fair representations",
    situation="unlearn",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "progression",
            squared_error("progression", "progression"),
            metrics=(r2("progression", "progression", chance=-0.0001),),
        ),
        Head(
            "sex",
            cross_entropy("sex", "sex"),
            kind="nuisance",
            weight=0.1,
            metrics=(
                accuracy("sex", "sex", chance=0.4545, higher_is_better=False),
                probe("features", "sex", chance=0.4545),
            ),
        ),
    ),
    primary="progression/r2",
    steps=1000,
    batch_size=32,
    learning_rate=2e-3,
)
