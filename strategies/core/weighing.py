"""What a strategy makes of its losses: weights or a direction, and its next state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

from .presence import Answer, Present, answer

if TYPE_CHECKING:
    from .contracts import (
        Direction,
        Gradients,
        GradientStrategy,
        Gram,
        Losses,
        LossStrategy,
        State,
        Strategy,
        Weights,
    )
    from .presence import Rows


def weigh(
    strategy: Strategy,
    losses: Losses,
    state: State,
    noise: tf.Tensor | None,
    gram: Gram | None,
    present: Present | None = None,
) -> tuple[Weights, State]:
    """Weights (K,) of a loss or Gram strategy, rescaled, and its next state.

    Args:
        present: which losses are there; None is all of them.
    """
    if present is None:
        return _weigh(strategy, losses, state, noise, gram)

    def ask(some: Strategy, rows: Rows, before: State, draws: Any) -> Answer:
        inner = None if gram is None else rows(tf.transpose(rows(gram)))
        weights, after = _weigh(some, rows(losses), before, draws, inner)
        return Answer(weights, None, after)

    found = answer(strategy, present, state, noise, ask)
    assert found.weights is not None
    return found.weights, found.state


def _weigh(
    strategy: Strategy, losses: Losses, state: State, noise: tf.Tensor | None, gram: Gram | None
) -> tuple[Weights, State]:
    extra = {} if noise is None else {"noise": noise}
    if strategy.contract == "loss":
        weights, state = derivative(strategy, losses, state, **extra)
    else:
        weights, state = strategy.weights(gram, losses, state, **extra)
        weights = tf.cast(weights, losses.dtype)
    if strategy.rescale == "sum_to_k":
        weights = _sum_to_k(weights)
    elif strategy.rescale == "mean_norm":
        gram = tf.cast(gram, weights.dtype)
        squares = tf.maximum(tf.linalg.diag_part(gram), 0)
        length = tf.sqrt(tf.maximum(tf.reduce_sum(weights * tf.linalg.matvec(gram, weights)), 0))
        weights *= tf.math.divide_no_nan(tf.reduce_mean(tf.sqrt(squares)), length)
    return weights, state


def direct(
    strategy: GradientStrategy,
    gradients: Gradients,
    losses: Losses,
    state: State,
    noise: tf.Tensor | None,
    present: Present | None = None,
) -> tuple[Weights | None, Direction, State]:
    """Weights (None when there are none), direction (P,) and next state of a gradient strategy.

    Args:
        present: which losses are there; None is all of them.
    """
    if present is None:
        return _direct(strategy, gradients, losses, state, noise)

    def ask(some: GradientStrategy, rows: Rows, before: State, draws: Any) -> Answer:
        return Answer(*_direct(some, rows(gradients), rows(losses), before, draws))

    found = answer(strategy, present, state, noise, ask)
    assert found.direction is not None
    return found.weights, found.direction, found.state


def _direct(
    strategy: GradientStrategy,
    gradients: Gradients,
    losses: Losses,
    state: State,
    noise: tf.Tensor | None,
) -> tuple[Weights | None, Direction, State]:
    extra = {} if noise is None else {"noise": noise}
    weights = None
    if strategy.linear:
        weights, state = strategy.weigh(gradients, losses, state, **extra)
        if strategy.rescale == "sum_to_k":
            weights = _sum_to_k(weights)
        direction = combined(gradients, weights)
    else:
        direction, state = strategy.combine(gradients, losses, state, **extra)
    if strategy.rescale == "mean_norm":
        mean = tf.reduce_mean(tf.norm(gradients, axis=1))
        factor = tf.math.divide_no_nan(mean, tf.norm(direction))
        direction, weights = factor * direction, None if weights is None else factor * weights
    return weights, direction, state


def observe(
    strategy: Strategy,
    before: Losses,
    after: Losses,
    state: State,
    present: Present | None = None,
) -> State:
    """The state of a strategy that looks at the losses (K,) of a batch before and after a step."""
    if present is None:
        return strategy.after_update(before, after, state)

    def ask(some: Strategy, rows: Rows, state: State, draws: Any) -> Answer:
        return Answer(None, None, some.after_update(rows(before), rows(after), state))

    return answer(strategy, present, state, None, ask).state


def derivative(
    strategy: LossStrategy, losses: Losses, state: State, **extra: tf.Tensor
) -> tuple[Weights, State]:
    """Weights of a loss strategy: the derivative of its objective by the losses."""
    with tf.GradientTape() as tape:
        tape.watch(losses)
        value, state = strategy.objective(losses, state, **extra)
    return tape.gradient(value, losses, unconnected_gradients="zero"), state


def _sum_to_k(weights: Weights) -> Weights:
    # By their sizes: a sum near 0 or below it would blow weights up or turn their signs.
    return weights * tf.math.divide_no_nan(
        tf.cast(weights.shape[0], weights.dtype), tf.reduce_sum(tf.abs(weights))
    )


def combined(gradients: Gradients, weights: Weights) -> Direction:
    """weights @ gradients (P,); a gradient of weight 0 takes no part, not even one that is NaN."""
    part = tf.where(weights[:, None] != 0, gradients, tf.zeros_like(gradients))
    return tf.linalg.matvec(part, weights, transpose_a=True)
