"""When a seed has diverged: judged at every step, in the graph, for each seed alone."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

GROWTH = 10.0  # a loss above this many times its scale ...
PATIENCE = 20  # ... for this many steps in a row has diverged
TINY = 3e-4  # a start below this is rounding and no scale: the root of float32's precision
FINE, LOSS, GRADIENT, GROWN = range(4)


class Divergence(NamedTuple):
    """State of the judgement, for one seed.

    Attributes:
        alive: the seed still trains.
        start: (K,), the losses of the first step.
        scale: (K,), the size that growth is measured by: of the start, or of the lowest value
            where a loss has fallen further below 0 than that.
        run: (K,), for how many steps of the objective each loss has been above its bound without
            coming back.
        since: (K,), the first of them.
        bad_step: first bad step of a seed that diverged, else -1.
        reason: FINE, LOSS or GRADIENT (not finite) or GROWN.
        culprit: index of the loss at fault, or -1.
        value: of that loss when the seed was stopped.
    """

    alive: tf.Tensor
    start: tf.Tensor
    scale: tf.Tensor
    run: tf.Tensor
    since: tf.Tensor
    bad_step: tf.Tensor
    reason: tf.Tensor
    culprit: tf.Tensor
    value: tf.Tensor


def initial(num_losses: int, dtype: tf.DType) -> Divergence:
    """The judgement before the first step."""
    return Divergence(
        tf.constant(True),
        tf.zeros((num_losses,), dtype),
        tf.fill((num_losses,), tf.constant(TINY, dtype)),
        tf.zeros((num_losses,), tf.int32),
        tf.zeros((num_losses,), tf.int32),
        tf.constant(-1),
        tf.constant(FINE),
        tf.constant(-1),
        tf.zeros((), dtype),
    )


def check(
    before: Divergence,
    losses: tf.Tensor,
    norm: tf.Tensor,
    step: tf.Tensor,
    weights: tf.Tensor | None = None,
) -> Divergence:
    """The judgement after a step.

    A seed is bad when a loss or the gradient is not finite, or when a part of the objective has
    grown: loss > 10 * scale for 20 steps. Only upward: a loss that starts at -1 and falls to -11
    has improved.

    Args:
        before: of the steps so far.
        losses: (K,).
        norm: of the gradient.
        step: its number, from 0.
        weights: (K,), with which the losses entered the step. A loss with weight 0 is no part of
            the objective, and the step does not count against it. A weight below 0 counts, and so
            does NaN, from a strategy that has none. None is NaN for all.
    """
    first = step == 0
    start = tf.where(first, losses, before.start)
    finite = tf.math.is_finite(losses)
    size = tf.where(first, tf.abs(losses), -losses)
    scale = tf.where(finite, tf.maximum(before.scale, size), before.scale)
    above = losses > GROWTH * scale
    counts = above if weights is None else above & (weights != 0)
    since = tf.where(before.run > 0, before.since, step)
    run = tf.where(above, before.run + tf.cast(counts, tf.int32), 0)
    grown = run >= PATIENCE
    reason = tf.where(
        tf.reduce_all(finite),
        tf.where(tf.math.is_finite(norm), tf.where(tf.reduce_any(grown), GROWN, FINE), GRADIENT),
        LOSS,
    )
    at_fault = tf.where(reason == LOSS, tf.logical_not(finite), grown)
    culprit = tf.where(
        reason == GRADIENT, -1, tf.argmax(tf.cast(at_fault, tf.int32), output_type=tf.int32)
    )
    bad = before.alive & (reason != FINE)
    bad_step = tf.where(reason == GROWN, tf.gather(since, tf.maximum(culprit, 0)), step)
    return Divergence(
        before.alive & (reason == FINE),
        start,
        scale,
        run,
        since,
        tf.where(bad, bad_step, before.bad_step),
        tf.where(bad, reason, before.reason),
        tf.where(bad, culprit, before.culprit),
        tf.where(bad, tf.gather(losses, tf.maximum(culprit, 0)), before.value),
    )


def explain(reason: int, culprit: int, value: float, start: float, heads: list[str]) -> str:
    """The judgement in words; "" for a seed that trains."""
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
