"""Two overlapping digits of MNIST on a canvas of 36x36: the MultiMNIST of the papers."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.convolution import encoder
from .core.losses import cross_entropy
from .core.metrics import accuracy, mean_of
from .core.pictures import CLASSES, pictures
from .core.task import Head, Task
from .core.transforms import flat, generator, overlay

DATASET = "mnist"
SEED = 11
SIDE = 28
SHIFT = 8  # 28 + 8 = 36, the canvas of Sabour et al.
CANVAS = SIDE + SHIFT


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 1296), left (N,), right (N,): as many pairs as the split has digits.

    Both digits of a pair come from the split itself. The first lies in the upper left corner and
    the second in the lower right one, so that each loss knows its digit (Sener and Koltun 2018).
    """
    splits = {}
    for split, source in pictures(DATASET, folder).items():
        digits, labels = source["image"][..., 0], source["label"]
        first, second = generator(SEED, split).integers(len(labels), size=(2, len(labels)))
        splits[split] = {
            "x": flat(overlay(digits[first], digits[second], SHIFT)),
            "left": labels[first],
            "right": labels[second],
        }
    return splits


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


# 1135 of the 10,000 test digits, of which the pairs are drawn, are ones, the most frequent training
# digit.
LEFT = accuracy("left", "left", chance=0.1135)
RIGHT = accuracy("right", "right", chance=0.1135)

task = Task(
    summary="Two overlapping digits of MNIST on a canvas of 36x36, read both: MultiMNIST.",
    source="MultiMNIST (Sabour et al. 2017; Sener and Koltun 2018); weights of document 001",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "left",
            cross_entropy("left", "left"),
            weight=0.8,
            # Judged by one digit, a strategy would win by neglecting the other.
            metrics=(LEFT, mean_of("mean_accuracy", LEFT, RIGHT)),
        ),
        Head("right", cross_entropy("right", "right"), weight=0.2, metrics=(RIGHT,)),
    ),
    primary="left/mean_accuracy",
    steps=2000,
    batch_size=64,
    learning_rate=2e-3,
    networked=True,
)
