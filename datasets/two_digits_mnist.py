"""Two overlapping digits of MNIST on a canvas of 36x36: the MultiMNIST of the papers."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.convolution import encoder
from .core.pairs import heads, pairs
from .core.pictures import CLASSES, pictures
from .core.task import Task

DATASET = "mnist"
SEED = 11
SIDE = 28
SHIFT = 8  # 28 + 8 = 36, the canvas of Sabour et al.
CANVAS = SIDE + SHIFT


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 1296), left (N,), right (N,): as many pairs as the split has digits.

    The first lies in the upper left corner and the second in the lower right one, so that each loss
    knows its digit (Sener and Koltun 2018).
    """
    splits = {
        split: (part["image"][..., 0], part["label"])
        for split, part in pictures(DATASET, folder).items()
    }
    counts = {split: len(labels) for split, (_, labels) in splits.items()}
    return pairs(splits, seed=SEED, shift=SHIFT, counts=counts)


def model() -> keras.Model:
    """Two convolutions and a hidden layer of 64, a linear head for each digit."""
    x = keras.Input((CANVAS * CANVAS,), name="x")
    hidden = keras.layers.Dense(64, "relu", name="trunk")(encoder(x, (CANVAS, CANVAS, 1)))
    return keras.Model(
        x,
        {
            "left": keras.layers.Dense(CLASSES, name="left")(hidden),
            "right": keras.layers.Dense(CLASSES, name="right")(hidden),
        },
    )


task = Task(
    summary="Two overlapping digits of MNIST on a canvas of 36x36, read both: MultiMNIST.",
    source="MultiMNIST (Sabour et al. 2017; Sener and Koltun 2018); weights of document 001",
    situation="balanced",
    dataset=DATASET,
    data=data,
    model=model,
    # 1135 of the 10,000 test digits, of which the pairs are drawn, are ones, the most frequent
    # training digit.
    heads=heads(0.1135, 0.1135),
    primary="left/mean_accuracy",
    steps=2000,
    batch_size=64,
    learning_rate=2e-3,
    networked=True,
)
