"""The packaged digits as the tasks use them: values in [0, 1], split by block of writing order."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .loader import arrays
from .task import SPLITS

DATASET = "sk_digits"
CLASSES = 10


def digits(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Per split: "image" (N, 8, 8) float32 in [0, 1], "label" and "block" (N,) int32."""
    data = arrays(DATASET, folder)
    return {
        split: {
            "image": data[split]["image"][..., 0].astype(np.float32) / 16,
            "label": data[split]["label"].astype(np.int32),
            "block": data[split]["block"].astype(np.int32),
        }
        for split in SPLITS
    }


def flat(images: np.ndarray) -> np.ndarray:
    """(N, height, width) as (N, height * width), contiguous float32."""
    return np.ascontiguousarray(images.reshape(len(images), -1), np.float32)


def generator(task: int, split: str) -> np.random.Generator:
    """Random numbers of a task's derived data: the same for every run, own ones per split."""
    return np.random.default_rng([task, SPLITS.index(split)])
