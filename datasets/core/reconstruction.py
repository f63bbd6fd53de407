"""Classification and reconstruction of pictures from TFDS through one code: a task per data set."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np

from .convolution import encoder
from .losses import cross_entropy, squared_error
from .metrics import accuracy, mean_squared_error, variance_explained
from .pictures import CLASSES, halved, pictures
from .task import Head, Task
from .transforms import flat

CODE = 16


def reconstruction(
    dataset: str,
    picture: tuple[int, int, int],
    *,
    summary: str,
    chance: float,
    steps: int = 2000,
    half: bool = False,
) -> Task:
    """The task of one data set.

    Args:
        dataset: name in TFDS; features "image" (uint8) and "label", splits "train" and "test".
        picture: height, width and channels.
        summary: the question, in one line.
        chance: share of the most frequent training class in the test split.
        steps: length of a run.
        half: reconstruct at half the size. The outputs of all seeds for 15,000 pictures are held
            at once to be scored: at 32x32x3 and 20 seeds that would be 3.7 GB.
    """
    height, width, channels = picture
    pixels = math.prod(picture) // (4 if half else 1)

    def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
        """x (N, P) in [0, 1], label (N,); with `half`, pixels (N, P / 4) as well."""
        splits = {}
        for split, source in pictures(dataset, folder).items():
            splits[split] = {"x": flat(source["image"]), "label": source["label"]}
            if half:
                splits[split]["pixels"] = flat(halved(source["image"]))
        return splits

    def model() -> keras.Model:
        """Two convolutions and a code of 16; a linear classifier and a decoder read the code."""
        x = keras.Input((height * width * channels,), name="x")
        code = keras.layers.Dense(CODE, name="encoder_code")(encoder(x, picture))
        decoded = keras.layers.Dense(128, "relu", name="decoder_1")(code)
        return keras.Model(
            x,
            {
                "label": keras.layers.Dense(CLASSES, name="label")(code),
                "pixels": keras.layers.Dense(pixels, name="decoder_pixels")(decoded),
            },
        )

    target = "pixels" if half else "x"
    return Task(
        summary=summary,
        source="document 004 (shared encoder, weights 1.0 and 0.5), at full size",
        situation="balanced",
        dataset=dataset,
        data=data,
        model=model,
        heads=(
            Head(
                "label",
                cross_entropy("label", "label"),
                weight=1.0,
                metrics=(accuracy("label", "label", chance=chance),),
            ),
            Head(
                "pixels",
                squared_error("pixels", target),
                weight=0.5,
                # First the one whose chance level is known before the data are here.
                metrics=(
                    variance_explained("pixels", target),
                    mean_squared_error("pixels", target),
                ),
            ),
        ),
        primary="label/accuracy",
        steps=steps,
        batch_size=64,
        learning_rate=2e-3,
        networked=True,
    )
