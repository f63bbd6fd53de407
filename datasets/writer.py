"""Unlearn who wrote a digit, with nothing planted: where subtraction has little to give."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.digits import CLASSES, DATASET, digits
from .core.losses import cross_entropy
from .core.metrics import accuracy, probe
from .core.task import SPLITS, Head, Task
from .core.transforms import flat

SEED = 5
BLOCKS = 13
SHARES = (0.6, 0.8)  # ends of the training and of the validation part of each block


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 64), digit (N,), block (N,).

    The other tasks hold whole blocks out. Here every split has all of them, since the block is
    what is predicted: 60, 20 and 20 % of each, at random.
    """
    parts = digits(folder).values()
    images, labels, blocks = (
        np.concatenate([part[key] for part in parts]) for key in ("image", "label", "block")
    )
    chosen: dict[str, list[np.ndarray]] = {split: [] for split in SPLITS}
    for block in range(BLOCKS):
        members = np.random.default_rng([SEED, block]).permutation(np.flatnonzero(blocks == block))
        ends = [round(len(members) * end) for end in SHARES]
        for split, part in zip(SPLITS, np.split(members, ends), strict=True):
            chosen[split].append(part)
    splits = {}
    for split, members in chosen.items():
        rows = np.sort(np.concatenate(members))
        splits[split] = {"x": flat(images[rows]), "digit": labels[rows], "block": blocks[rows]}
    return splits


def model() -> keras.Model:
    """64 -> 64 -> 32 features, two linear heads; the features are an output for the probe."""
    x = keras.Input((64,), name="x")
    hidden = keras.layers.Dense(64, "relu", name="trunk_1")(x)
    features = keras.layers.Dense(32, "relu", name="trunk_2")(hidden)
    return keras.Model(
        x,
        {
            "digit": keras.layers.Dense(CLASSES, name="digit")(features),
            "block": keras.layers.Dense(BLOCKS, name="block")(features),
            "features": features,
        },
    )


task = Task(
    summary="Read a digit and unlearn its block of writers: real nuisance, nothing planted.",
    source="document 000 (one branch's loss subtracted from another's)",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "digit",
            cross_entropy("digit", "digit"),
            metrics=(accuracy("digit", "digit", chance=0.0989),),
        ),
        Head(
            "block",
            cross_entropy("block", "block"),
            kind="nuisance",
            weight=0.3,
            # The head's own accuracy lies: it can be at chance while the probe still finds it all.
            metrics=(
                accuracy("block", "block", chance=0.0769, higher_is_better=False),
                probe("features", "block", chance=0.0769),
            ),
        ),
    ),
    primary="digit/accuracy",
    steps=2000,
    batch_size=64,
    learning_rate=1e-3,
)
