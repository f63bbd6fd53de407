"""Losses of heads, as elements (B, O) whose mean is the loss.

Each function names what is read and returns the loss: (outputs, batch) -> (B, O).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from .task import Batch, Outputs

    Loss = Callable[[Outputs, Batch], tf.Tensor]


def cross_entropy(output: str, label: str) -> Loss:
    """Cross-entropy of logits (B, C) and integer labels (B,).

    Elements C * [label = c] * -log softmax(logits)_c: their mean over (B, C) is the mean
    cross-entropy over B. At logits 0 it is log C.
    """

    def loss(outputs, batch):
        logits = outputs[output]
        classes = logits.shape[-1]
        chosen = tf.one_hot(batch[label], classes, dtype=logits.dtype)
        return -classes * chosen * tf.nn.log_softmax(logits)

    return loss


def binary_cross_entropy(output: str, label: str) -> Loss:
    """Cross-entropy of O independent yes-or-no logits (B, O) and labels 0 or 1 (B, O).

    At logits 0 it is log 2.
    """

    def loss(outputs, batch):
        logits = outputs[output]
        return tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(batch[label], logits.dtype), logits)

    return loss


def squared_error(output: str, target: str, scale: float = 1.0) -> Loss:
    """(scale * output - target)^2, elements (B, O).

    `scale` lets a network with outputs near 1 predict a target in its own units.
    """

    def loss(outputs, batch):
        return tf.square(scale * outputs[output] - batch[target])

    return loss


def absolute_error(output: str, target: str) -> Loss:
    """|output - target|, elements (B, O)."""

    def loss(outputs, batch):
        return tf.abs(outputs[output] - batch[target])

    return loss
