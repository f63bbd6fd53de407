"""Classification and reconstruction through one narrow code: two losses that compete for room."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.digits import CLASSES, DATASET, digits
from .core.losses import cross_entropy, squared_error
from .core.metrics import accuracy, mean_squared_error
from .core.task import Head, Task
from .core.transforms import flat

PIXELS = 64
CODE = 6


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 64), label (N,). The picture is its own target."""
    return {
        split: {"x": flat(source["image"]), "label": source["label"]}
        for split, source in digits(folder).items()
    }


def model() -> keras.Model:
    """Encoder 64 -> 64 -> 6; a linear classifier and a decoder 6 -> 64 -> 64 read the code."""
    x = keras.Input((PIXELS,), name="x")
    hidden = keras.layers.Dense(64, "relu", name="encoder_1")(x)
    code = keras.layers.Dense(CODE, name="encoder_code")(hidden)
    decoded = keras.layers.Dense(64, "relu", name="decoder_1")(code)
    return keras.Model(
        x,
        {
            "label": keras.layers.Dense(CLASSES, name="label")(code),
            "pixels": keras.layers.Dense(PIXELS, name="decoder_pixels")(decoded),
        },
    )


task = Task(
    summary="Classify and reconstruct a digit through a code of 6 numbers: losses that compete.",
    source="documents 002 (encoder, classifier, decoder) and 004 (weights 1.0 and 0.5)",
    situation="balanced",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "label",
            cross_entropy("label", "label"),
            weight=1.0,
            metrics=(accuracy("label", "label", chance=0.0942),),
        ),
        Head(
            "pixels",
            squared_error("pixels", "x"),
            weight=0.5,
            metrics=(mean_squared_error("pixels", "x", chance=0.0736),),
        ),
    ),
    primary="label/accuracy",
    steps=1000,
    batch_size=64,
    learning_rate=1e-2,
    sgd_learning_rate=0.1,
    variations=("sgd",),
)
