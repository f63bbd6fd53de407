"""A mark that gives the label away in training and lies in the test: what subtraction is for."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .core import unlearning
from .core.digits import CLASSES, DATASET, digits
from .core.task import Head, Task
from .core.transforms import flat, generator

SEED = 2
AGREEMENT = 0.95  # of the training marks; the others are uniform, so 95.5 % equal the label
ORACLE = 0.893  # accuracy of the same model after training on marks that say nothing, 20 seeds
COPIES = 4  # of each held-out digit, with independent marks


def mark(images: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Pictures (N, 8, 8) in a frame (N, 10, 10) with a bright mark above and below at a column."""
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    rows = np.arange(len(images))
    framed[rows, 0, columns] = 1.0
    framed[rows, -1, columns] = 1.0
    return framed


def data(folder: Path, agreeing: tuple[str, ...] = ("train",)) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 100), digit (N,), mark (N,): the column of the mark.

    Args:
        folder: of prepared data.
        agreeing: splits whose marks agree with the labels.
    """
    splits = {}
    for split, source in digits(folder).items():
        random = generator(SEED, split)
        copies = 1 if split == "train" else COPIES
        images, labels = np.repeat(source["image"], copies, 0), np.repeat(source["label"], copies)
        columns = random.integers(CLASSES, size=len(labels), dtype=np.int32)
        if split in agreeing:
            columns = np.where(random.random(len(labels)) < AGREEMENT, labels, columns)
        splits[split] = {"x": flat(mark(images, columns)), "digit": labels, "mark": columns}
    return splits


def heads(probe_chance: float) -> tuple[Head, Head]:
    """The digit, and the mark that is unlearned.

    Args:
        probe_chance: accuracy of the mark that is most frequent where the probe is fitted.
    """
    return unlearning.heads(
        *("mark", 0.1),
        chance=0.0942,
        nuisance_chance=0.0888,
        probe_chance=probe_chance,
        oracle=ORACLE,
    )


task = Task(
    summary="Read a digit beside a mark that betrays it in training only: unlearn the mark.",
    source="document 000 (one branch's loss subtracted from another's)",
    situation="unlearn",
    dataset=DATASET,
    data=data,
    model=lambda: unlearning.model(100, "mark", CLASSES),
    heads=heads(probe_chance=0.0906),
    primary="digit/accuracy",
    steps=1500,
    batch_size=64,
    learning_rate=6e-3,
    sgd_learning_rate=0.06,
)
