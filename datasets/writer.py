"""Unlearn who wrote a digit, with nothing planted: where subtraction has little to give."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .core import unlearning
from .core.digits import DATASET, digits
from .core.task import SPLITS, Task
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


task = Task(
    summary="Read a digit and unlearn its block of writers: real nuisance, nothing planted.",
    source="document 000 (one branch's loss subtracted from another's)",
    situation="unlearn",
    dataset=DATASET,
    data=data,
    model=lambda: unlearning.model(64, "block", BLOCKS),
    heads=unlearning.heads(
        "block", 0.3, chance=0.0989, nuisance_chance=0.0769, probe_chance=0.0769
    ),
    primary="digit/accuracy",
    steps=2000,
    batch_size=64,
    learning_rate=1e-3,
    sgd_learning_rate=0.01,
)
