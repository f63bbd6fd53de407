"""An autoencoder whose code should look standard normal: two losses, two groups of variables."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core import losses, metrics
from .core.digits import DATASET, digits
from .core.task import Head, Task
from .core.transforms import flat, generator

SEED = 7
PIXELS = 64
CODE = 8


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 72): a picture, then 8 draws of N(0, 1) to decode; pixels (N, 64): the picture."""
    splits = {}
    for split, source in digits(folder).items():
        pixels = flat(source["image"])
        draws = generator(SEED, split).normal(size=(len(pixels), CODE)).astype(np.float32)
        splits[split] = {"x": np.concatenate([pixels, draws], 1), "pixels": pixels}
    return splits


def model() -> keras.Model:
    """Encoder 64 -> 64 -> 8, decoder 8 -> 64 -> 64.

    "drawn" decodes the draws in place of the code; no loss reads it, so training does not
    compute it.
    """
    x = keras.Input((PIXELS + CODE,), name="x")
    hidden = keras.layers.Dense(64, "relu", name="encoder_1")(x[:, :PIXELS])
    code = keras.layers.Dense(CODE, name="encoder_code")(hidden)
    first = keras.layers.Dense(64, "relu", name="decoder_1")
    second = keras.layers.Dense(PIXELS, name="decoder_pixels")
    return keras.Model(
        x, {"pixels": second(first(code)), "code": code, "drawn": second(first(x[:, PIXELS:]))}
    )


task = Task(
    summary="Reconstruct a digit from a code that should be standard normal: encoder and decoder.",
    source="document 002 (encoder and decoder with losses and optimizers of their own)",
    situation="auxiliary",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "pixels",
            losses.squared_error("pixels", "pixels"),
            weight=1.0,
            metrics=(
                metrics.mean_squared_error("pixels", "pixels", chance=0.0736),
                metrics.frechet("drawn", "pixels", chance=4.713),
            ),
        ),
        Head(
            "code",
            losses.moment_gap("code"),
            weight=0.01,
            metrics=(metrics.moment_gap("code", chance=8.0),),
        ),
    ),
    primary="pixels/mse",
    steps=2000,
    batch_size=128,
    learning_rate=5e-3,
    sgd_learning_rate=0.01,
    variations=("sgd",),
)
