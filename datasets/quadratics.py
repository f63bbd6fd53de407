"""Two quadratics in the plane: the simplest conflict, and a front that is a segment."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from .core.analytic import problem


def first(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """(x + 1)^2 + y^2, smallest at (-1, 0)."""
    return tf.square(x + 1) + tf.square(y)


def second(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """(x - 1)^2 + y^2, smallest at (1, 0)."""
    return tf.square(x - 1) + tf.square(y)


def front() -> np.ndarray:
    """The Pareto set: the segment between the minima."""
    return np.array([[-1.0, 0.0], [1.0, 0.0]])


task = problem(
    summary="Two quadratics of a point in the plane: which point of their segment is chosen.",
    source="textbook bi-objective problem (Schaffer), in two variables",
    objectives=(first, second),
    front=front,
    start=((-2, 2), (1, 2)),
    steps=1000,
    learning_rate=0.02,
    variations=("first*100",),  # scale and no other difference: the front stays
)
