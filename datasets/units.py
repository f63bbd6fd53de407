"""Heads in different units: losses of 0.7, 36 and 300,000 on one small trunk."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.loader import arrays
from .core.losses import binary_cross_entropy, squared_error
from .core.metrics import negative_log_likelihood, r2
from .core.tables import centred, inputs
from .core.task import Head, Task

DATASET = "sk_tabular/breast_cancer"
INPUTS = 20
# A network's outputs are near 1; these bring them to the size of the targets.
AREA_UNIT, TEXTURE_UNIT = 1000.0, 30.0
GIVEAWAYS = ("area", "radius", "perimeter")


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 20); malignant (N, 1), 0 or 1; worst area (N, 1) and worst texture (N, 1).

    Area and texture are in the units of the table, less the training mean. No input is a target,
    or gives the area away (radius, perimeter and the other areas).
    """
    splits = arrays(DATASET, folder)
    x = inputs(splits, lambda n: n != "worst_texture" and not any(g in n for g in GIVEAWAYS))
    area = centred({split: part["features/worst_area"] for split, part in splits.items()})
    texture = centred({split: part["features/worst_texture"] for split, part in splits.items()})
    return {
        split: {
            "x": x[split],
            "malignant": (part["label"] == 0).astype(np.float32)[:, None],
            "area": area[split],
            "texture": texture[split],
        }
        for split, part in splits.items()
    }


def model() -> keras.Model:
    """20 -> 4 tanh, three linear outputs."""
    x = keras.Input((INPUTS,), name="x")
    hidden = keras.layers.Dense(4, "tanh", name="trunk_1")(x)
    return keras.Model(
        x,
        {
            name: keras.layers.Dense(1, name=name)(hidden)
            for name in ("malignant", "area", "texture")
        },
    )


task = Task(
    summary="Diagnosis, area and texture of a tumour, each in its own unit: badly scaled losses.",
    source="documents 003 (one loss dominates another) and 004 (losses of different scale)",
    situation="units",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "malignant",
            binary_cross_entropy("malignant", "malignant"),
            weight=1.0,
            metrics=(negative_log_likelihood("malignant", "malignant", chance=0.663),),
        ),
        Head(
            "area",
            squared_error("area", "area", AREA_UNIT),
            weight=1e-6,
            metrics=(r2("area", "area", AREA_UNIT, chance=-0.0014),),
        ),
        Head(
            "texture",
            squared_error("texture", "texture", TEXTURE_UNIT),
            weight=1e-3,
            metrics=(r2("texture", "texture", TEXTURE_UNIT, chance=-0.0012),),
        ),
    ),
    primary="malignant/nll",
    steps=1500,
    batch_size=32,
    learning_rate=1e-2,
)
