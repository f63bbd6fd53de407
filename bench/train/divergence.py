"""When a run can't go on: judged at every step, in the graph, for each run alone."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

FINE, LOSS, GRADIENT = range(3)


class Divergence(NamedTuple):
    """State of the judgement, for one run.

    Attributes:
        alive: the run still trains.
        bad_step: the step that it stopped at, else -1.
        reason: FINE, LOSS or GRADIENT (not finite).
        culprit: index of the loss at fault, or -1.
    """

    alive: tf.Tensor
    bad_step: tf.Tensor
    reason: tf.Tensor
    culprit: tf.Tensor


def initial() -> Divergence:
    """The judgement before the first step."""
    return Divergence(tf.constant(True), tf.constant(-1), tf.constant(FINE), tf.constant(-1))


def check(before: Divergence, losses: tf.Tensor, norm: tf.Tensor, step: tf.Tensor) -> Divergence:
    """The judgement after a step: what is not finite never becomes so again, and the run stops.

    A loss that grows and stays finite goes on training, and is judged when the run has ended: see
    `growth`.

    Args:
        before: of the steps so far.
        losses: (K,).
        norm: of the gradient.
        step: its number, from 0.
    """
    wrong = tf.logical_not(tf.math.is_finite(losses))
    reason = tf.where(tf.reduce_any(wrong), LOSS, tf.where(tf.math.is_finite(norm), FINE, GRADIENT))
    culprit = tf.where(
        reason == LOSS, tf.argmax(tf.cast(wrong, tf.int32), output_type=tf.int32), -1
    )
    bad = before.alive & (reason != FINE)
    return Divergence(
        before.alive & (reason == FINE),
        tf.where(bad, step, before.bad_step),
        tf.where(bad, reason, before.reason),
        tf.where(bad, culprit, before.culprit),
    )


def explain(reason: int, culprit: int, heads: list[str]) -> str:
    """The judgement in words; "" for a run that trains."""
    if reason == LOSS:
        return f"loss {heads[culprit]} is not finite"
    return "the gradient is not finite" if reason == GRADIENT else ""
