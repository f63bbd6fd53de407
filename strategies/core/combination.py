"""From gradients to one direction: the same three lines for every contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import tensorflow as tf

from .contracts import Strategy
from .presence import Present
from .registry import get
from .state import initial_state
from .weighing import combined, direct, weigh

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .contracts import Direction, Gradients, Losses, State, Weights


class Combination(NamedTuple):
    """What a strategy made of K gradients.

    Attributes:
        direction: (P,); the optimizer steps along its negative.
        weights: (K,) with direction = weights @ gradients, or None when the method is no linear
            combination.
        state: the strategy's state after this step.
    """

    direction: Direction
    weights: Weights | None
    state: State


def combine(
    strategy: str | Strategy,
    gradients: Gradients | ArrayLike,
    losses: Losses | ArrayLike | None = None,
    state: State = None,
    noise: tf.Tensor | ArrayLike | None = None,
    present: tf.Tensor | ArrayLike | None = None,
) -> Combination:
    """Combine K gradients into one direction.

    Works eagerly and inside `tf.function(jit_compile=True)`, in the precision of `gradients`. A
    strategy that `observes_update` (famo) learns nothing from this call alone: after the step, hand
    the losses of the same batch before and after it to `after_update`.

    Args:
        strategy: a name (see `names()`) or an object (see `get()`).
        gradients: (K, P), float32 or float64; row i is the gradient of loss i.
        losses: (K,), needed by strategies that weigh by loss values.
        state: of the step before; None starts anew.
        noise: random input of the shape that `strategy.noise(K, P)` names; None draws it from
            TensorFlow's global generator.
        present: (K,), 0 for each loss that is absent from this step, such as one without a label in
            the batch: the others are combined as if it did not exist, its weight is 0, and the
            state keeps what it holds of it. None is 1 for all.

    Raises:
        ValueError: an unknown strategy, a wrong shape or type, or losses that are missing.

    Example:
        >>> combine("sum", [[1.0, 0.0], [0.0, 2.0]]).direction.numpy().tolist()
        [1.0, 2.0]
        >>> combine("mean", [[1.0, 0.0], [0.0, 2.0]], present=[0, 1]).direction.numpy().tolist()
        [0.0, 2.0]
    """
    # Python control flow in a strategy is unrolled, never rewritten into graph control flow.
    return tf.autograph.experimental.do_not_convert(_combine)(
        strategy, gradients, losses, state, noise, present
    )


def _combine(
    strategy: str | Strategy,
    gradients: Gradients | ArrayLike,
    losses: Losses | ArrayLike | None,
    state: State,
    noise: tf.Tensor | ArrayLike | None,
    mask: tf.Tensor | ArrayLike | None,
) -> Combination:
    strategy = get(strategy) if isinstance(strategy, str) else strategy
    gradients = _matrix(strategy, gradients)
    num_losses, num_parameters = gradients.shape
    losses = _losses(strategy, losses, num_losses, gradients.dtype)
    start = initial_state(strategy, num_losses, num_parameters, gradients.dtype)
    state = start if state is None else _state(strategy, state, start)
    noise = _noise(strategy, noise, num_losses, num_parameters, gradients.dtype)
    present = None if mask is None else _present(strategy, mask, num_losses)
    if present is not None:
        gradients = tf.where(present.mask[:, None], gradients, tf.zeros_like(gradients))
    weights: tf.Tensor | None = None
    if strategy.contract == "gradient":
        weights, direction, state = direct(strategy, gradients, losses, state, noise, present)
    else:
        gram = None
        if strategy.asks in ("gram", "features"):
            # Inner products square the condition number: float32 would lose half of its digits.
            wide = tf.cast(gradients, tf.float64)
            gram = tf.matmul(wide, wide, transpose_b=True)
        weights, state = weigh(strategy, losses, state, noise, gram, present)
        direction = combined(gradients, weights)
    factor = strategy.scale(tf.norm(direction))
    if factor is not None:
        direction = factor * direction
        weights = None if weights is None else factor * weights
    return Combination(direction, weights, state)


def _matrix(strategy: Strategy, gradients: Gradients | ArrayLike) -> Gradients:
    gradients = tf.convert_to_tensor(gradients)
    if gradients.shape.rank != 2 or not gradients.shape.is_fully_defined():
        raise ValueError(
            f"{strategy.name}: gradients are a (K, P) array, one row per loss; "
            f"got shape {gradients.shape}"
        )
    if gradients.dtype not in (tf.float32, tf.float64) or 0 in gradients.shape:
        raise ValueError(
            f"{strategy.name}: gradients are float32 or float64 with at least one row and column; "
            f"got {gradients.dtype.name} of shape {gradients.shape}"
        )
    return gradients


def _losses(
    strategy: Strategy, losses: Losses | ArrayLike | None, num_losses: int, dtype: tf.DType
) -> Losses:
    if losses is None:
        if strategy.needs_losses:
            raise ValueError(
                f"{strategy.name} weighs by the values of the losses: pass losses of shape "
                f"({num_losses},)"
            )
        return tf.ones((num_losses,), dtype)
    losses = tf.cast(tf.convert_to_tensor(losses, dtype_hint=dtype), dtype)
    if losses.shape != (num_losses,):
        raise ValueError(
            f"{strategy.name}: losses have shape ({num_losses},), one per row of the gradients; "
            f"got {losses.shape}"
        )
    return losses


def _present(strategy: Strategy, mask: tf.Tensor | ArrayLike, num_losses: int) -> Present:
    mask = tf.cast(tf.convert_to_tensor(mask), tf.bool)
    if mask.shape != (num_losses,):
        raise ValueError(
            f"{strategy.name}: present has shape ({num_losses},), one per loss; got {mask.shape}"
        )
    known = tf.get_static_value(mask)
    counts = tuple(range(num_losses + 1)) if known is None else (max(1, int(known.sum())),)
    return Present(mask, counts)


def _state(strategy: Strategy, state: State, start: State) -> State:
    """A state that came in (perhaps restored, as arrays), in the types of the initial one."""
    try:
        tf.nest.assert_same_structure(state, start)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{strategy.name}: state has the structure {_shapes(start)}; got {_shapes(state)}"
        ) from error
    if _shapes(state) != _shapes(start):
        raise ValueError(
            f"{strategy.name}: state has the shapes {_shapes(start)} for these gradients; "
            f"got {_shapes(state)}"
        )
    return tf.nest.map_structure(
        lambda leaf, first: tf.cast(tf.convert_to_tensor(leaf), first.dtype), state, start
    )


def _shapes(nest: State) -> State:
    return tf.nest.map_structure(lambda leaf: tuple(tf.convert_to_tensor(leaf).shape), nest)


def _noise(
    strategy: Strategy,
    noise: tf.Tensor | ArrayLike | None,
    num_losses: int,
    num_parameters: int,
    dtype: tf.DType,
) -> tf.Tensor | None:
    wanted = strategy.noise(num_losses, num_parameters)
    if wanted is None:
        return None
    if noise is None:
        draw = tf.random.uniform if wanted.distribution == "uniform" else tf.random.normal
        return draw(wanted.shape, dtype=dtype)
    noise = tf.cast(tf.convert_to_tensor(noise, dtype_hint=dtype), dtype)
    if noise.shape != wanted.shape:
        raise ValueError(
            f"{strategy.name}: noise has shape {wanted.shape} ({wanted.distribution}); "
            f"got {noise.shape}"
        )
    return noise
