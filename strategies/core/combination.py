"""From gradients to one direction: the same three lines for every contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from .contracts import GradientStrategy, LossStrategy, Strategy
from .presence import Answer, Present, answer
from .registry import get
from .state import initial_state

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .contracts import Direction, Gradients, Gram, Losses, State, Weights
    from .presence import Rows


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
        direction = _combined(gradients, weights)
    factor = strategy.scale(tf.norm(direction))
    if factor is not None:
        direction = factor * direction
        weights = None if weights is None else factor * weights
    return Combination(direction, weights, state)


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
        direction = _combined(gradients, weights)
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


def _combined(gradients: Gradients, weights: Weights) -> Direction:
    """weights @ gradients (P,); a gradient of weight 0 takes no part, not even one that is NaN."""
    part = tf.where(weights[:, None] != 0, gradients, tf.zeros_like(gradients))
    return tf.linalg.matvec(part, weights, transpose_a=True)


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
