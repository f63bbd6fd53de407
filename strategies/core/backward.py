"""The ways from losses to one gradient: a strategy pays for what it asks for, and no more.

Measured on a 64-128-64 trunk, batch 64, one core, as a ratio to one backward pass of the sum:
K calls of the tape take 1.4 to 1.5 (K = 2), 1.7 to 1.8 (3), 2.1 (8), 3 to 4 (16); one vectorised
backward pass for all losses (`tape.jacobian`) is about as fast without XLA and up to five times as
slow with it; gradients by the features alone take 1.0 to 1.3 at any K.
`python tests/benchmarks/backward_ways.py` measures it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from .products import gram_matrix
from .weighing import direct, weigh

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .presence import Present
    from .routing import Routing

    Reach = tuple[tuple[int, ...], ...]  # of each variable the losses that reach it
    Found = tuple[tf.Tensor, list[tf.Tensor], Any]  # weights (K,), gradients, strategy's state


def gradient(
    tape: tf.GradientTape, target: Any, sources: list[tf.Tensor], output_gradients: Any = None
) -> list[tf.Tensor]:
    """The gradient by every source, dense: zeros where the target does not depend on it.

    What is looked up by index (an embedding) has a sparse gradient, that can't be multiplied.
    """
    found = tape.gradient(
        target,
        sources,
        output_gradients=output_gradients,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    return [tf.convert_to_tensor(part) for part in found]


class Forward(NamedTuple):
    """A forward pass: its tape, variables, losses one by one and stacked (K,), and features.

    `present` says which of the losses are there; None is all of them.
    """

    tape: tf.GradientTape
    trainable: list[tf.Tensor]
    values: list[tf.Tensor]
    losses: tf.Tensor
    features: tf.Tensor | None
    present: Present | None

    def rows(
        self, reach: Reach, variables: Iterable[int], *others: tf.Tensor
    ) -> list[dict[int, tf.Tensor]]:
        """The gradient of each loss: by the variables that it reaches, and by others, at -1, -2.

        Nothing is asked for that is known to be 0: of 100 heads that would be most of the graph.
        """
        wanted, found = tuple(variables), []
        for k, value in enumerate(self.values):
            reached = [i for i in wanted if k in reach[i]]
            sources = [*(self.trainable[i] for i in reached), *others]
            keys = [*reached, *range(-1, -1 - len(others), -1)]
            found.append(dict(zip(keys, gradient(self.tape, value, sources), strict=True)))
        return found

    def dense(self, row: dict[int, tf.Tensor], variables: Iterable[int]) -> list[tf.Tensor]:
        """A row by these variables, zeros where its loss does not reach."""
        return [row[i] if i in row else tf.zeros_like(self.trainable[i]) for i in variables]


def by_loss(routing: Routing, forward: Forward, state: Any, noise: tf.Tensor | None) -> Found:
    """One backward pass of the weighted losses."""
    weights, state = weigh(routing.strategy, forward.losses, state, noise, None, forward.present)
    gradients = [tf.zeros_like(value) for value in forward.trainable]
    for variables, coefficients in routing.follow(weights):
        sources = [forward.trainable[i] for i in variables]
        found = gradient(forward.tape, forward.values, sources, tf.unstack(coefficients))
        for i, part in zip(variables, found, strict=True):
            gradients[i] = part
    return weights, gradients, state


def by_features(routing: Routing, forward: Forward, state: Any, noise: tf.Tensor | None) -> Found:
    """K backward passes to the features, their inner products, then one to the inputs."""
    inside, reach = routing.inside, routing.reach
    rows = forward.rows(reach, inside, forward.features)
    weights, state = _weigh(routing, forward, [[row[-1]] for row in rows], state, noise)
    factors = tf.unstack(routing.signs(weights.dtype) * weights)
    pull = tf.add_n([factor * row[-1] for factor, row in zip(factors, rows, strict=True)])
    gradients = gradient(forward.tape, forward.features, forward.trainable, pull)
    for variables, coefficients in routing.follow(weights):
        factors = tf.unstack(coefficients)
        for i in set(variables) & set(inside):
            if reach[i]:
                gradients[i] = tf.add_n([factors[k] * rows[k][i] for k in reach[i]])
    return weights, gradients, state


def by_gram(routing: Routing, forward: Forward, state: Any, noise: tf.Tensor | None) -> Found:
    """One backward pass for each loss, their inner products, then their weighted sum."""
    rows = forward.rows(routing.reach, range(len(forward.trainable)))
    shared = [forward.dense(row, routing.shared) for row in rows]
    weights, state = _weigh(routing, forward, shared, state, noise)
    gradients = [tf.zeros_like(value) for value in forward.trainable]
    for variables, coefficients in routing.follow(weights):
        factors = tf.unstack(coefficients)
        for i in variables:
            reached = routing.reach[i]
            if reached:
                gradients[i] = tf.add_n([factors[k] * rows[k][i] for k in reached])
    return weights, gradients, state


def by_gradient(routing: Routing, forward: Forward, state: Any, noise: tf.Tensor | None) -> Found:
    """One backward pass for each loss; the strategy sees the gradients themselves."""
    trainable, losses, shared = forward.trainable, forward.losses, routing.shared
    rows = forward.rows(routing.reach, range(len(trainable)))
    # In rows, not vectors: XLA on a CPU builds the matrix before it goes on. Joined vectors it
    # would read piece by piece within the strategy's own loops, with masks that reach outside.
    matrix = tf.concat(
        [
            sign * tf.concat([tf.reshape(part, [1, -1]) for part in forward.dense(row, shared)], 1)
            for sign, row in zip(tf.unstack(routing.signs(losses.dtype)), rows, strict=True)
        ],
        0,
    )
    weights, direction, state = direct(
        routing.strategy, matrix, losses, state, noise, forward.present
    )
    gradients = [tf.zeros_like(value) for value in trainable]
    for i, reached in enumerate(routing.reach):
        if reached and i not in shared:
            gradients[i] = rows[reached[0]][i]
    sizes = [trainable[i].shape.num_elements() for i in shared]
    for i, part in zip(shared, tf.split(direction, sizes), strict=True):
        gradients[i] = tf.reshape(part, trainable[i].shape)
    if weights is None:
        weights = tf.fill(losses.shape, tf.constant(float("nan"), losses.dtype))
    return weights, gradients, state


def _weigh(
    routing: Routing,
    forward: Forward,
    rows: list[list[tf.Tensor]],
    state: Any,
    noise: tf.Tensor | None,
) -> tuple[tf.Tensor, Any]:
    """Weights (K,) from K gradients, each a list of tensors, with the signs of their losses."""
    signs = routing.signs(forward.losses.dtype)
    gram = gram_matrix(rows) * signs[:, None] * signs
    return weigh(routing.strategy, forward.losses, state, noise, gram, forward.present)


WAYS = {
    "loss": by_loss,
    "features": by_features,
    "gram": by_gram,
    "gradient": by_gradient,
}  # by what a strategy asks for
