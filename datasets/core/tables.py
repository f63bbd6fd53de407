"""The packaged tables as the tasks use them: chosen columns, standardised on the training split."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np


def inputs(
    splits: Mapping[str, Mapping[str, np.ndarray]], keep: Callable[[str], bool] = lambda name: True
) -> dict[str, np.ndarray]:
    """Per split (N, F) float32: the columns that `keep` keeps, in alphabetical order."""
    names = sorted(key for key in splits["train"] if key.startswith("features/"))
    names = [name for name in names if keep(name.removeprefix("features/"))]
    return standardised(
        {split: np.stack([columns[name] for name in names], 1) for split, columns in splits.items()}
    )


def standardised(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Per split (N, F) float32, with mean 0 and standard deviation 1 on the training split."""
    train = values["train"].astype(np.float64)
    mean, deviation = train.mean(0), train.std(0)
    return {
        split: ((value - mean) / deviation).astype(np.float32) for split, value in values.items()
    }


def centred(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Per split (N, 1) float32, in its own unit, with mean 0 on the training split."""
    mean = values["train"].astype(np.float64).mean()
    return {split: (value - mean).astype(np.float32)[:, None] for split, value in values.items()}
