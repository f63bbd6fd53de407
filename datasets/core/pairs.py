"""Two overlapping digits, each read by a head of its own: data and heads of the tasks on them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .losses import cross_entropy
from .metrics import accuracy, mean_of
from .task import Head
from .transforms import flat, generator, overlay


def pairs(
    splits: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *,
    seed: int,
    shift: int,
    counts: Mapping[str, int],
) -> dict[str, dict[str, np.ndarray]]:
    """x (N, (side + shift)^2), left (N,), right (N,).

    Both digits of a pair come from the split itself: a shared pool would lift the accuracy by a
    tenth, for no merit of any strategy.

    Args:
        splits: per split images (M, side, side) and labels (M,).
        seed: the constant seed of the task.
        shift: pixels between the two.
        counts: pairs of each split.
    """
    made = {}
    for split, (images, labels) in splits.items():
        first, second = generator(seed, split).integers(len(labels), size=(2, counts[split]))
        made[split] = {
            "x": flat(overlay(images[first], images[second], shift)),
            "left": labels[first],
            "right": labels[second],
        }
    return made


def heads(left_chance: float, right_chance: float) -> tuple[Head, Head]:
    """The left and the right digit, with the weights 0.8 and 0.2 of the documents."""
    left = accuracy("left", "left", chance=left_chance)
    right = accuracy("right", "right", chance=right_chance)
    return (
        Head(
            "left",
            cross_entropy("left", "left"),
            weight=0.8,
            # Judged by one digit, a strategy would win by neglecting the other.
            metrics=(left, mean_of("mean_accuracy", left, right)),
        ),
        Head("right", cross_entropy("right", "right"), weight=0.2, metrics=(right,)),
    )
