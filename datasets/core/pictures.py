"""Pictures with one label from TFDS: read once by a process, values in [0, 1], three splits."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .loader import arrays
from .transforms import generator

if TYPE_CHECKING:
    from .reading import Columns

SEED = 10
# Share of the training pictures that validates: thousands, which tells accuracies half a percent
# apart; all seeds are scored on them ten times in a run, and a tenth took as long as training.
HELD_OUT = 0.05

CLASSES = 10


def pictures(name: str, folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Per split: "image" (N, height, width, channels) float32 in [0, 1], "label" (N,) int32.

    TFDS has "train" and "test". The test split stays what the papers score; validation is a
    twentieth of the training pictures, drawn at random with a constant seed.

    Raises:
        DataUnavailable: the set is not prepared in the folder.
    """
    source = records(name, folder)
    train, validation = held_out(len(source["train"]["label"]))
    rows = {"train": ("train", train), "validation": ("train", validation), "test": ("test", ...)}
    return {
        split: {
            "image": source[origin]["image"][chosen].astype(np.float32) / 255,
            "label": source[origin]["label"][chosen].astype(np.int32),
        }
        for split, (origin, chosen) in rows.items()
    }


def held_out(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows for training and rows for validation of `count`, both in rising order."""
    order = generator(SEED, "validation").permutation(count)
    end = round(count * HELD_OUT)
    return np.sort(order[end:]), np.sort(order[:end])


# Decoding 70,000 pictures takes seconds, and a worker process trains one cell of a task after the
# other. The bytes are kept and not the floats, which take four times the memory.
@functools.lru_cache(maxsize=1)
def records(name: str, folder: Path, limit: int | None = None) -> Columns:
    """As `arrays`, remembered; nobody may write to what is shared."""
    return read_only(arrays(name, folder, limit=limit))


def read_only(splits: Columns) -> Columns:
    """The same arrays, which now refuse to be written to."""
    for columns in splits.values():
        for column in columns.values():
            column.setflags(write=False)
    return splits


def halved(images: np.ndarray) -> np.ndarray:
    """(N, height, width, channels) at half the size: means of 2 by 2 pixels, float32."""
    count, height, width, channels = images.shape
    blocks = images.reshape(count, height // 2, 2, width // 2, 2, channels)
    return blocks.mean((2, 4), dtype=np.float32)
