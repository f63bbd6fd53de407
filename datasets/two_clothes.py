"""Two overlapping pieces of Fashion-MNIST on a canvas of 36x36: the MultiFashion of the papers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .core.pairs import heads, pairs
from .core.pictures import pictures
from .core.task import Task
from .two_digits_mnist import SHIFT, model

DATASET = "fashion_mnist"
SEED = 12


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 1296), left (N,), right (N,): as many pairs as the split has pictures.

    The first lies in the upper left corner and the second in the lower right one, as in the papers.
    """
    splits = {
        split: (part["image"][..., 0], part["label"])
        for split, part in pictures(DATASET, folder).items()
    }
    counts = {split: len(labels) for split, (_, labels) in splits.items()}
    return pairs(splits, seed=SEED, shift=SHIFT, counts=counts)


task = Task(
    summary="Two overlapping pieces of clothing on a canvas of 36x36, read both: MultiFashion.",
    source="MultiFashion (Lin et al. 2019, Pareto multi-task learning); weights of document 001",
    situation="balanced",
    dataset=DATASET,
    data=data,
    model=model,
    heads=heads(0.1, 0.1),
    primary="left/mean_accuracy",
    steps=2000,
    batch_size=64,
    learning_rate=2e-3,
    networked=True,
)
