"""What derived data are made with."""

from __future__ import annotations

import numpy as np

from .task import SPLITS


def flat(images: np.ndarray) -> np.ndarray:
    """(N, height, width) as (N, height * width), contiguous float32."""
    return np.ascontiguousarray(images.reshape(len(images), -1), np.float32)


def overlay(first: np.ndarray, second: np.ndarray, shift: int) -> np.ndarray:
    """Two pictures on one canvas, pixelwise maximum, as in MultiMNIST (Sabour et al. 2017).

    Args:
        first: (N, side, side), put at (0, 0).
        second: (N, side, side), put at (shift, shift).

    Returns:
        (N, side + shift, side + shift) float32.
    """
    side = first.shape[1]
    canvas = np.zeros((len(first), side + shift, side + shift), np.float32)
    canvas[:, :side, :side] = first
    canvas[:, shift:, shift:] = np.maximum(canvas[:, shift:, shift:], second)
    return canvas


def generator(task: int, split: str) -> np.random.Generator:
    """Random numbers of a task's derived data: the same for every run, its own for each split.

    Args:
        task: the constant seed of the task.
        split: "train", "validation" or "test".
    """
    return np.random.default_rng([task, SPLITS.index(split)])
