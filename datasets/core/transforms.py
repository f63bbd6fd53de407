"""What derived data are made with."""

from __future__ import annotations

import numpy as np

from .task import SPLITS


def flat(images: np.ndarray) -> np.ndarray:
    """(N, height, width) as (N, height * width), contiguous float32."""
    return np.ascontiguousarray(images.reshape(len(images), -1), np.float32)


def generator(task: int, split: str) -> np.random.Generator:
    """Random numbers of a task's derived data: the same for every run, its own for each split.

    Args:
        task: the constant seed of the task.
        split: "train", "validation" or "test".
    """
    return np.random.default_rng([task, SPLITS.index(split)])
