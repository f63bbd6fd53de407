"""Parameters that a loss-level strategy learns by itself, in its own state."""

from __future__ import annotations

import tensorflow as tf

BOUND = 20.0  # of a learned logarithm: weights from exp(-20) to exp(20), about 2e-9 to 5e8
UNSET = 2 * BOUND  # a logarithm that has no start yet: beyond all that are learned
LEAST = 3e-4  # a first loss below this is rounding and no size: the root of float32's precision


def weighted_sum(weights: tf.Tensor, losses: tf.Tensor) -> tf.Tensor:
    """sum_i w_i l_i, the weights taken as constants."""
    return tf.reduce_sum(tf.stop_gradient(weights) * losses)


def fill(start: float | None, num_losses: int) -> tf.Tensor:
    """Learned logarithms (K,) before the first step; None is UNSET: the first losses say it."""
    return tf.fill((num_losses,), UNSET if start is None else float(start))


def begun(logarithm: tf.Tensor, start: tf.Tensor) -> tf.Tensor:
    """Learned logarithms (K,), those that have no start yet at theirs."""
    return tf.where(logarithm > BOUND, tf.clip_by_value(start, -BOUND, BOUND), logarithm)


def sizes(losses: tf.Tensor) -> tf.Tensor:
    """Losses (K,) as sizes to start from: at least LEAST, and 1 where there is none above 0."""
    losses = tf.stop_gradient(losses)
    return tf.where(losses > 0, tf.maximum(losses, LEAST), tf.ones_like(losses))


def descend(logarithm: tf.Tensor, gradient: tf.Tensor, rate: float) -> tf.Tensor:
    """One step of gradient descent on learned logarithms, at most `rate` in each.

    The methods let the model's optimizer learn these parameters. Here they have plain SGD of their
    own, so that a strategy does not depend on the optimizer, and weight decay, schedules and
    clipping of the model never touch them. The bound on the step does what Adam's normalisation
    would: a loss of 1e6 moves its weight step by step instead of throwing it out of range.
    """
    step = rate * tf.clip_by_value(tf.stop_gradient(gradient), -1.0, 1.0)
    return tf.clip_by_value(logarithm - step, -BOUND, BOUND)
