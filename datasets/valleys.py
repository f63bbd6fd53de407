"""The landscape of the CAGrad paper (Liu et al. 2021): ravines above, two bowls below.

Above the x axis both losses have narrow ravines of conflicting gradients, below they are quadratic
bowls around (7, -8) and (-7, -8); a weight tanh(y / 2) fades from one to the other.
"""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf

from .core.analytic import problem

LOWER = 5e-6  # bounds the logarithm
CORNERS = 2001


def first(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Smallest near (7, -8)."""
    ravine = tf.abs(0.5 * (-x - 7) - tf.tanh(-y))
    return _faded(ravine, tf.square(7 - x), y)


def second(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Smallest near (-7, -8)."""
    ravine = tf.abs(0.5 * (-x + 3) + tf.tanh(-y) + 2)
    return _faded(ravine, tf.square(-7 - x), y)


def _faded(ravine: tf.Tensor, across: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    above, below = tf.maximum(tf.tanh(0.5 * y), 0), tf.maximum(tf.tanh(-0.5 * y), 0)
    bowl = (across + 0.1 * tf.square(-y - 8)) / 10 - 20
    return above * (tf.math.log(tf.maximum(ravine, LOWER)) + 6) + below * bowl


@functools.cache
def front() -> np.ndarray:
    """The Pareto set: one point for every x from 7 to -7.

    The losses reach -20 below and at least -6.3 above, so the set lies below. There they are
    c(y) ((x -+ 7)^2 + 0.1 (y + 8)^2 - 200) / 10 with c = tanh(-y / 2). Where a gradient of
    l f1 + (1 - l) f2 vanishes in x, l = (x + 7) / 14; y is the root of its derivative in y, found
    by bisection. The path between the corners is off by less than 1e-6.
    """
    x = np.linspace(7, -7, CORNERS)
    low, high = np.full_like(x, -12.0), np.full_like(x, -8.0)  # the derivative is < 0, > 0 there
    for _ in range(60):
        y = (low + high) / 2
        fade = np.tanh(-y / 2)
        bowl = (49 - x**2 + 0.1 * (y + 8) ** 2) / 10 - 20
        slope = -0.5 * (1 - fade**2) * bowl + fade * 0.02 * (y + 8)
        low, high = np.where(slope < 0, y, low), np.where(slope < 0, high, y)
    return np.stack([x, (low + high) / 2], 1)


task = problem(
    summary="The landscape of the CAGrad paper: ravines where gradients conflict, then two bowls.",
    source="Liu et al. 2021 (CAGrad), figure 1; scaled as in Nash-MTL (Navon et al. 2022)",
    objectives=(first, second),
    front=front,
    start=((-10, 10), (4, 10)),
    steps=6000,  # the ravines leave large second moments in Adam: 4000 stop short of the front
    learning_rate=0.1,
    variations=("first*0.1",),
)
