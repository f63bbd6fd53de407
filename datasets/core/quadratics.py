"""Two quadratics in the plane: (x + 1)^2 + y^2 and (x - 1)^2 + y^2."""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def first(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """(x + 1)^2 + y^2, smallest at (-1, 0)."""
    return tf.square(x + 1) + tf.square(y)


def second(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """(x - 1)^2 + y^2, smallest at (1, 0)."""
    return tf.square(x - 1) + tf.square(y)


def front() -> np.ndarray:
    """The Pareto set: the segment between the minima."""
    return np.array([[-1.0, 0.0], [1.0, 0.0]])
