"""Losses of heads, as elements (B, O) whose mean is the loss.

Each function names what is read and returns the loss: (outputs, batch) -> (B, O). A target that has
not the shape of its output is refused when the loss is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import tensorflow as tf

from .shapes import alike, classes

if TYPE_CHECKING:
    from .task import Batch, Outputs

    Loss = Callable[[Outputs, Batch], tf.Tensor]


def cross_entropy(output: str, label: str) -> Loss:
    """Cross-entropy of logits (B, C) and integer labels (B,) or (B, 1).

    Elements C * [label = c] * -log softmax(logits)_c: their mean over (B, C) is the mean
    cross-entropy over B. At logits 0 it is log C.

    Raises:
        ValueError: a label is not in 0..C-1. Found when run eagerly, as the check of a task does;
            in a graph such a row would cost nothing, unnoticed.
    """

    def loss(outputs, batch):
        logits = outputs[output]
        labels = classes(label, batch[label], output, logits)
        size = logits.shape[-1]
        _check_range(label, labels, size - 1)
        chosen = tf.one_hot(tf.cast(labels, tf.int32), size, dtype=logits.dtype)
        return -size * chosen * tf.nn.log_softmax(logits)

    return loss


def binary_cross_entropy(output: str, label: str) -> Loss:
    """Cross-entropy of O independent yes-or-no logits (B, O) and labels 0 or 1 (B, O).

    At logits 0 it is log 2.

    Raises:
        ValueError: a label is not in 0..1. Found when run eagerly, as the check of a task does.
    """

    def loss(outputs, batch):
        logits = outputs[output]
        alike(label, batch[label], output, logits)
        _check_range(label, batch[label], 1)
        return tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(batch[label], logits.dtype), logits)

    return loss


def squared_error(output: str, target: str, scale: float = 1.0) -> Loss:
    """(scale * output - target)^2, elements (B, O).

    `scale` lets a network with outputs near 1 predict a target in its own units.
    """

    def loss(outputs, batch):
        return tf.square(_error(outputs, output, batch, target, scale))

    return loss


def sum_of_squares(output: str) -> Loss:
    """Sum of the squares of an output (B, O), averaged over the batch: elements O * output^2."""

    def loss(outputs, batch):
        value = outputs[output]
        return value.shape[-1] * tf.square(value)

    return loss


def squared_change(output: str, other: str) -> Loss:
    """Squared distance of two outputs (B, O), averaged over the batch: O * (output - other)^2."""

    def loss(outputs, batch):
        value = outputs[output]
        alike(other, outputs[other], output, value)
        return value.shape[-1] * tf.square(value - outputs[other])

    return loss


def moment_gap(output: str) -> Loss:
    """|mean|^2 + |covariance - I|_F^2 of an output (B, O): 0 has the moments of N(0, I).

    A property of the batch as a whole: every element (B, 1) is the loss.
    """

    def loss(outputs, batch):
        code = outputs[output]
        mean = tf.reduce_mean(code, 0)
        deviation = code - mean
        size = tf.cast(tf.shape(code)[0], code.dtype)
        covariance = tf.matmul(deviation, deviation, transpose_a=True) / size
        identity = tf.eye(code.shape[-1], dtype=code.dtype)
        gap = tf.reduce_sum(tf.square(mean)) + tf.reduce_sum(tf.square(covariance - identity))
        return gap * tf.ones_like(code[:, :1])

    return loss


def absolute_error(output: str, target: str) -> Loss:
    """|output - target|, elements (B, O)."""

    def loss(outputs, batch):
        return tf.abs(_error(outputs, output, batch, target))

    return loss


def _error(
    outputs: Outputs, output: str, batch: Batch, target: str, scale: float = 1.0
) -> tf.Tensor:
    """`scale` times the output minus the target, in the output's type, as Keras has it."""
    predicted, truth = outputs[output], batch[target]
    alike(target, truth, output, predicted)
    return scale * predicted - tf.cast(truth, predicted.dtype)


def _check_range(name: str, labels: tf.Tensor, last: int) -> None:
    if tf.executing_eagerly():
        low, high = float(tf.reduce_min(labels)), float(tf.reduce_max(labels))
        if low < 0 or high > last:
            raise ValueError(f"labels {name!r} must lie in 0..{last}, got {low:g}..{high:g}")
