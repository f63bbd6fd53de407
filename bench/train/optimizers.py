"""Keras's Adam and SGD as pure functions on lists of tensors.

Keras's own `stateless_apply` is not supported on TensorFlow, and its variables can't be traced for
all seeds at once; a test holds these to Keras's optimizers, update by update. Both work element by
element, so one call serves groups of variables that documents give an optimizer each.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class Slots(NamedTuple):
    """What an optimizer keeps: number of updates, first and second moments of each variable."""

    count: tf.Tensor
    first: list[tf.Tensor]
    second: list[tf.Tensor]


class Adam(NamedTuple):
    """Adam (Kingma & Ba 2015, arXiv 1412.6980) in Keras's form and with its defaults."""

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    def initial(self, variables: list[tf.Tensor]) -> Slots:
        zeros = [tf.zeros_like(variable) for variable in variables]
        return Slots(tf.constant(0), zeros, list(zeros))

    def apply(
        self, variables: list[tf.Tensor], gradients: list[tf.Tensor], slots: Slots, rate: tf.Tensor
    ) -> tuple[list[tf.Tensor], Slots]:
        count = slots.count + 1
        power = tf.cast(count, rate.dtype)
        rate = rate * tf.sqrt(1 - tf.pow(self.beta_2, power)) / (1 - tf.pow(self.beta_1, power))
        updated, first, second = [], [], []
        for value, gradient, m, v in zip(
            variables, gradients, slots.first, slots.second, strict=True
        ):
            m += (1 - self.beta_1) * (gradient - m)
            v += (1 - self.beta_2) * (tf.square(gradient) - v)
            updated.append(value - rate * m / (tf.sqrt(v) + self.epsilon))
            first.append(m)
            second.append(v)
        return updated, Slots(count, first, second)


class SGD(NamedTuple):
    """Stochastic gradient descent with momentum, in Keras's form."""

    momentum: float = 0.9

    def initial(self, variables: list[tf.Tensor]) -> Slots:
        return Slots(tf.constant(0), [tf.zeros_like(variable) for variable in variables], [])

    def apply(
        self, variables: list[tf.Tensor], gradients: list[tf.Tensor], slots: Slots, rate: tf.Tensor
    ) -> tuple[list[tf.Tensor], Slots]:
        velocity = [
            self.momentum * old - rate * gradient
            for old, gradient in zip(slots.first, gradients, strict=True)
        ]
        updated = [value + change for value, change in zip(variables, velocity, strict=True)]
        return updated, Slots(slots.count + 1, velocity, [])


OPTIMIZERS = {"adam": Adam(), "sgd": SGD()}
