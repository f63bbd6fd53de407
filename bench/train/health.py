"""When a seed has diverged: judged at every step, in the graph, for each seed alone."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

GROWTH = 10.0  # a loss beyond this many times its start ...
PATIENCE = 20  # ... for this many steps in a row has diverged

FINE, LOSS, GRADIENT, GROWN = range(4)


class Health(NamedTuple):
    """State of the judgement, for one seed.

    Attributes:
        alive: the seed still trains.
        start: (K,), the losses of the first step.
        run: (K,), for how many steps in a row each loss has been beyond its bound.
        bad_step: first bad step of a seed that diverged, else -1.
        reason: FINE, LOSS or GRADIENT (not finite) or GROWN.
        culprit: index of the loss at fault, or -1.
        value: of that loss when the seed was stopped.
    """

    alive: tf.Tensor
    start: tf.Tensor
    run: tf.Tensor
    bad_step: tf.Tensor
    reason: tf.Tensor
    culprit: tf.Tensor
    value: tf.Tensor


def initial(num_losses: int, dtype: tf.DType) -> Health:
    """Health before the first step."""
    return Health(
        tf.constant(True),
        tf.zeros((num_losses,), dtype),
        tf.zeros((num_losses,), tf.int32),
        tf.constant(-1),
        tf.constant(FINE),
        tf.constant(-1),
        tf.zeros((), dtype),
    )


def check(health: Health, losses: tf.Tensor, norm: tf.Tensor, step: tf.Tensor) -> Health:
    """Health after a step with these losses (K,) and this norm of the gradient."""
    start = tf.where(step == 0, losses, health.start)
    finite = tf.math.is_finite(losses)
    beyond = tf.abs(losses) > GROWTH * tf.abs(start)
    run = tf.where(beyond, health.run + 1, 0)
    grown = run >= PATIENCE
    reason = tf.where(
        tf.reduce_all(finite),
        tf.where(tf.math.is_finite(norm), tf.where(tf.reduce_any(grown), GROWN, FINE), GRADIENT),
        LOSS,
    )
    first = tf.where(reason == GROWN, step - PATIENCE + 1, step)
    at_fault = tf.where(reason == LOSS, tf.logical_not(finite), grown)
    culprit = tf.where(
        reason == GRADIENT, -1, tf.argmax(tf.cast(at_fault, tf.int32), output_type=tf.int32)
    )
    bad = health.alive & (reason != FINE)
    return Health(
        health.alive & (reason == FINE),
        start,
        run,
        tf.where(bad, first, health.bad_step),
        tf.where(bad, reason, health.reason),
        tf.where(bad, culprit, health.culprit),
        tf.where(bad, tf.gather(losses, tf.maximum(culprit, 0)), health.value),
    )


def explain(reason: int, culprit: int, value: float, start: float, heads: list[str]) -> str:
    """The judgement in words; '' for a healthy seed."""
    if reason == LOSS:
        return f"loss {heads[culprit]} is not finite"
    if reason == GRADIENT:
        return "the gradient is not finite"
    if reason == GROWN:
        return (
            f"loss {heads[culprit]} at {value:.3g}, beyond {GROWTH:g} times its start "
            f"({start:.3g}) for {PATIENCE} steps"
        )
    return ""
