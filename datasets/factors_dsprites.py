"""Five factors of a drawn sprite, five losses of very different difficulty on one trunk."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.convolution import encoder
from .core.losses import cross_entropy
from .core.metrics import accuracy, mean_of
from .core.pictures import halved, records
from .core.task import SPLITS, Head, Task
from .core.transforms import flat, generator

DATASET = "dsprites"
SEED = 12
# Of 737,280: TFDS stores them in a random order that is always the same, so the first ones are a
# sample. All of them would take 3 GB as bytes, and 30,000 are three times what a run needs.
EXAMPLES = 30_000
SHARES = (0.8, 0.9)  # ends of the training and of the validation part
SIDE = 32
# Orientation 39 is a whole turn, the same picture as orientation 0, and is left out.
FACTORS = {"shape": 3, "scale": 6, "orientation": 39, "x_position": 32, "y_position": 32}


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 1024), at half the size; for each factor its class (N,).

    TFDS has one split: 80, 10 and 10 % of the sample, at random. Symmetric shapes can look alike
    in several orientations; a picture that occurs twice is kept once, so that no two splits
    share one.
    """
    source = records(DATASET, folder, EXAMPLES)["train"]
    rows = np.flatnonzero(source["label_orientation"] < FACTORS["orientation"])
    x = flat(halved(source["image"][rows]))
    first = np.sort(np.unique([row.tobytes() for row in x], return_index=True)[1])
    order = generator(SEED, "train").permutation(first)
    ends = [round(len(order) * end) for end in SHARES]
    return {
        split: {
            "x": x[chosen],
            **{name: source[f"label_{name}"][rows[chosen]].astype(np.int32) for name in FACTORS},
        }
        for split, chosen in zip(SPLITS, np.split(order, ends), strict=True)
    }


def model() -> keras.Model:
    """Two convolutions and a hidden layer of 64, a linear head for each factor."""
    x = keras.Input((SIDE * SIDE,), name="x")
    hidden = keras.layers.Dense(64, "relu", name="trunk")(encoder(x, (SIDE, SIDE, 1)))
    return keras.Model(
        x,
        {name: keras.layers.Dense(count, name=name)(hidden) for name, count in FACTORS.items()},
    )


# Every combination occurs once in the whole set, so the classes of a factor are equally frequent.
ACCURACIES = {name: accuracy(name, name, chance=1 / count) for name, count in FACTORS.items()}
MEAN = mean_of("mean_accuracy", *ACCURACIES.values())

task = Task(
    summary="Shape, scale, orientation and place of a sprite: five losses, some far harder.",
    source="dSprites (Matthey et al. 2017), all factors at once",
    situation="many losses",
    dataset=DATASET,
    data=data,
    model=model,
    heads=tuple(
        Head(
            name,
            cross_entropy(name, name),
            weight=0.2,
            metrics=(ACCURACIES[name], MEAN) if name == "shape" else (ACCURACIES[name],),
        )
        for name in FACTORS
    ),
    primary="shape/mean_accuracy",
    steps=3000,
    batch_size=64,
    learning_rate=2e-3,
    networked=True,
)
