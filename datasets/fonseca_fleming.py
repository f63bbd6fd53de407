"""Fonseca and Fleming's problem: a concave front, where every weighted sum ends at an extreme."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from .core.analytic import problem

PEAK = 1 / math.sqrt(2)


def first(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """1 - exp(-|p - (s, s)|^2) with s = 1 / sqrt(2)."""
    return 1 - tf.exp(-tf.square(x - PEAK) - tf.square(y - PEAK))


def second(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """1 - exp(-|p + (s, s)|^2) with s = 1 / sqrt(2)."""
    return 1 - tf.exp(-tf.square(x + PEAK) - tf.square(y + PEAK))


def front() -> np.ndarray:
    """The Pareto set: the segment between the minima."""
    return np.array([[PEAK, PEAK], [-PEAK, -PEAK]])


task = problem(
    summary="A concave front: no fixed weights reach its middle, directions that look at both do.",
    source="Fonseca and Fleming 1995, in two variables",
    objectives=(first, second),
    front=front,
    start=((-1.5, -0.5), (0.5, 1.5)),  # further out the losses are flat
    steps=1000,
    learning_rate=0.02,
)
