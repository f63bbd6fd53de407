"""One training step of one seed, as a pure function: what a strategy asks for, and no more."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from ...strategies.core.combination import direct, initial_state, weigh
from . import health
from .optimizers import OPTIMIZERS, SGD, Adam, Slots

if TYPE_CHECKING:
    from ...strategies import Strategy
    from .network import Network

ZERO = tf.UnconnectedGradients.ZERO


class Carry(NamedTuple):
    """Everything that a step changes, for one seed (or for all of them, stacked)."""

    trainable: list[tf.Tensor]
    other: list[tf.Tensor]  # what layers keep beside weights: moving averages, random seeds
    slots: Slots
    strategy: Any
    health: health.Health


class Record(NamedTuple):
    """What a step reports: losses (K,), the strategy's weights (K,), norm of the gradient."""

    losses: tf.Tensor
    weights: tf.Tensor
    norm: tf.Tensor


@dataclasses.dataclass(frozen=True)
class Step:
    """The step of one strategy on one network.

    Attributes:
        network: model, losses and optimizers.
        strategy: how the losses make one update.
        heads: what variables that a single loss reaches follow: "own", that loss with weight 1,
            or "weighted", the strategy's weight of it.

    The strategy sees all losses as they are, positive. A nuisance loss enters the shared variables
    with sign -1 times its weight, and its own head with weight 1 (gradient reversal), unless the
    strategy is literal: then every variable follows the strategy's weights of the plain losses.
    """

    network: Network
    strategy: Strategy
    heads: str = "own"

    def initial(self, trainable: list[tf.Tensor], other: list[tf.Tensor]) -> Carry:
        """The carry before the first step."""
        num_losses = len(self.network.combined)
        dtype = trainable[0].dtype
        return Carry(
            trainable,
            other,
            self._optimizer.initial(trainable),
            initial_state(self.strategy, num_losses, self.num_shared, dtype),
            health.initial(num_losses, dtype),
        )

    def __call__(
        self,
        carry: Carry,
        batch: Mapping[str, tf.Tensor],
        rate: tf.Tensor,
        noise: tf.Tensor | None,
        step: tf.Tensor,
        knobs: Mapping[str, tf.Tensor] | None = None,
    ) -> tuple[Carry, Record]:
        """Train on one batch.

        Args:
            carry: of one seed.
            batch: arrays (B, ...), "x" among them.
            rate: learning rate of this step.
            noise: the strategy's random input of this step, or None.
            step: number of this step, from 0.
            knobs: values of hyperparameters, in place of the strategy's own.
        """
        if knobs:
            tuned = dataclasses.replace(self.strategy, **knobs)
            return dataclasses.replace(self, strategy=tuned)(carry, batch, rate, noise, step)
        network, strategy = self.network, self.strategy
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(carry.trainable)
            values, penalties, other = network.losses(
                strategy, carry.trainable, carry.other, batch, training=True
            )
            penalty = tf.add_n(penalties) if penalties else None
        losses = tf.stack(values)
        backward = {"loss": self._by_loss, "gram": self._by_gram, "gradient": self._by_gradient}
        weights, gradients, state = backward[strategy.asks](tape, values, losses, carry, noise)
        if penalty is not None:
            extra = tape.gradient(penalty, carry.trainable, unconnected_gradients=ZERO)
            gradients = [g + e for g, e in zip(gradients, extra, strict=True)]
        del tape
        norm = tf.sqrt(tf.add_n([sum_of_squares(gradient) for gradient in gradients]))
        factor = strategy.scale(norm)
        if factor is not None:
            gradients = [factor * gradient for gradient in gradients]
        now = health.check(carry.health, losses, norm, step, weights)
        # A seed that diverged stands still: its rate is 0 and its gradient has no NaN.
        rate = tf.where(now.alive, rate, tf.zeros_like(rate))
        gradients = [tf.where(now.alive, g, tf.zeros_like(g)) for g in gradients]
        trainable, slots = self._optimizer.apply(carry.trainable, gradients, carry.slots, rate)
        other = [tf.where(now.alive, new, old) for new, old in zip(other, carry.other, strict=True)]
        if strategy.observes_update:
            after, _, _ = network.losses(strategy, trainable, carry.other, batch, training=True)
            state = strategy.after_update(losses, tf.stack(after), state)
        return Carry(trainable, other, slots, state, now), Record(losses, weights, norm)

    # The three ways from losses to one gradient, from the cheapest to the dearest.

    def _by_loss(self, tape, values, losses, carry, noise):
        """One backward pass of the weighted losses."""
        weights, state = weigh(self.strategy, losses, carry.strategy, noise, None)
        gradients = [tf.zeros_like(value) for value in carry.trainable]
        for variables, coefficients in self._follow(weights):
            found = tape.gradient(
                values,
                [carry.trainable[i] for i in variables],
                output_gradients=tf.unstack(coefficients),
                unconnected_gradients=ZERO,
            )
            for i, gradient in zip(variables, found, strict=True):
                gradients[i] = gradient
        return weights, gradients, state

    def _by_gram(self, tape, values, losses, carry, noise):
        """One backward pass for each loss, their inner products, then their weighted sum."""
        rows = self._rows(tape, values, carry)
        signs = tf.constant(self._signs, losses.dtype)
        gram = gram_matrix([[row[i] for i in self._shared] for row in rows])
        gram *= signs[:, None] * signs
        weights, state = weigh(self.strategy, losses, carry.strategy, noise, gram)
        gradients = [tf.zeros_like(value) for value in carry.trainable]
        for variables, coefficients in self._follow(weights):
            factors = tf.unstack(coefficients)
            for i in variables:
                reached = self.network.reach[i]
                if reached:
                    gradients[i] = tf.add_n([factors[k] * rows[k][i] for k in reached])
        return weights, gradients, state

    def _by_gradient(self, tape, values, losses, carry, noise):
        """One backward pass for each loss; the strategy sees the gradients themselves."""
        rows = self._rows(tape, values, carry)
        matrix = tf.stack(
            [
                sign * tf.concat([tf.reshape(row[i], [-1]) for i in self._shared], 0)
                for sign, row in zip(self._signs, rows, strict=True)
            ]
        )
        weights, direction, state = direct(self.strategy, matrix, losses, carry.strategy, noise)
        gradients = [tf.zeros_like(value) for value in carry.trainable]
        for i, reached in enumerate(self.network.reach):
            if reached and i not in self._shared:
                gradients[i] = rows[reached[0]][i]
        sizes = [carry.trainable[i].shape.num_elements() for i in self._shared]
        for i, part in zip(self._shared, tf.split(direction, sizes), strict=True):
            gradients[i] = tf.reshape(part, carry.trainable[i].shape)
        if weights is None:
            weights = tf.fill(losses.shape, tf.constant(float("nan"), losses.dtype))
        return weights, gradients, state

    def _rows(self, tape, values, carry) -> list[list[tf.Tensor]]:
        """The gradient of each loss by every variable; zeros where it does not reach."""
        return [
            tape.gradient(value, carry.trainable, unconnected_gradients=ZERO) for value in values
        ]

    @property
    def _optimizer(self) -> Adam | SGD:
        return OPTIMIZERS[self.network.task.optimizer]

    # Which variables follow the strategy, and what the others follow.

    def _follow(self, weights: tf.Tensor) -> list[tuple[tuple[int, ...], tf.Tensor]]:
        """Groups of variables, each with the coefficients (K,) of the losses that train it."""
        if self._routes is not None:
            return [(group, tf.constant(mask, weights.dtype)) for group, mask in self._routes]
        shared = self._shared
        heads = tuple(i for i in range(len(self.network.reach)) if i not in shared)
        signs = tf.constant(self._signs, weights.dtype)
        return [(shared, signs * weights), (heads, tf.ones_like(weights))]

    @property
    def num_shared(self) -> int:
        """Number of parameters that follow the strategy's weights."""
        variables = self.network.model.trainable_variables
        return sum(math.prod(variables[i].shape) for i in self._shared)

    @property
    def _shared(self) -> tuple[int, ...]:
        """Variables that follow the strategy's weights."""
        reach = self.network.reach
        alone = len(self.network.combined) == 1  # then everything follows the one loss
        if alone or self.strategy.literal or self.heads == "weighted":
            return tuple(range(len(reach)))
        return tuple(i for i, losses in enumerate(reach) if len(losses) != 1)

    @property
    def _signs(self) -> tuple[float, ...]:
        """Sign and weight with which each loss enters the shared variables."""
        if self.strategy.literal:
            return (1.0,) * len(self.network.combined)
        return tuple(
            -head.weight if head.kind == "nuisance" else 1.0 for head in self.network.combined
        )

    @property
    def _routes(self) -> tuple[tuple[tuple[int, ...], tuple[float, ...]], ...] | None:
        """For a strategy that splits: the variables of each group and the mask of its losses."""
        num_losses = len(self.network.combined)
        groups = self.network.groups
        routes = self.strategy.routes(groups, num_losses)
        if routes is None:
            return None
        return tuple(
            (
                tuple(i for i, losses in enumerate(self.network.reach) if losses == groups[name]),
                tuple(1.0 if k in routes[name] else 0.0 for k in range(num_losses)),
            )
            for name in groups
        )


def sum_of_squares(gradient: tf.Tensor) -> tf.Tensor:
    """Squared norm of one variable's gradient.

    As a product with ones: XLA on a CPU vectorises it and not a plain reduction, which took a fifth
    of the whole step of `sum`.
    """
    rows = tf.reshape(tf.square(gradient), [-1, gradient.shape[-1] if gradient.shape.rank else 1])
    return tf.reduce_sum(tf.linalg.matvec(rows, tf.ones(rows.shape[-1:], rows.dtype)))


def gram_matrix(rows: list[list[tf.Tensor]]) -> tf.Tensor:
    """Inner products (K, K) of K gradients, each a list of one tensor per variable.

    XLA on a CPU multiplies a matrix of few rows slowly unless they are a multiple of 4, and copying
    all variables into one matrix costs more than a product for each: at K = 3 this takes 1.15 times
    the K gradients alone, where one concatenated product takes 2.4.
    """
    num_losses = len(rows)
    products = []
    for parts in zip(*rows, strict=True):
        matrix = tf.stack([tf.reshape(part, [-1]) for part in parts])
        matrix = tf.pad(matrix, [[0, -num_losses % 4], [0, 0]])
        products.append(tf.matmul(matrix, matrix, transpose_b=True))
    return tf.add_n(products)[:num_losses, :num_losses]
