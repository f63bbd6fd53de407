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
