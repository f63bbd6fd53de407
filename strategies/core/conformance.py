"""A quick check that a strategy keeps its contract, before anything is trained with it."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from .contracts import Noise, Strategy
from .plugins import in_one_line
from .state import initial_state
from .weighing import derivative

NUM_PARAMETERS = 5
# Asserts are dropped by XLA and harmless elsewhere.
_HARMLESS = ("Assert",)


def check(strategy: Strategy, num_losses: int) -> None:
    """Trace a strategy twice, in float32 and float64, and look at what it returns.

    Found: a state, weights, objective or direction of another structure, shape or type than the
    contract says (a state that changes would be traced, and compiled, again at each step); Python
    that cannot be traced; hidden state, randomness or callbacks (a step is a pure function); an
    update that is not finite for ordinary input. Costs a fraction of a second.

    Args:
        strategy: as `get` returns it.
        num_losses: K of the task that it is meant for.

    Raises:
        ValueError: in one line, what was expected and what came.

    Example:
        >>> from lossbench.strategies import get
        >>> check(get("sum"), num_losses=2)
    """
    if strategy.contract not in ("loss", "gram", "gradient"):
        raise ValueError(
            f"{strategy.name}: a strategy derives from LossStrategy, GramStrategy or "
            f"GradientStrategy; this one has the contract {strategy.contract!r}"
        )
    noise = strategy.noise(num_losses, NUM_PARAMETERS)
    if noise is not None and not (
        isinstance(noise, Noise) and noise.distribution in ("uniform", "normal")
    ):
        raise ValueError(
            f"{strategy.name}: noise returns None or Noise('uniform' or 'normal', shape); "
            f"got {noise!r}"
        )
    for dtype in (tf.float32, tf.float64):
        try:
            _check(strategy, num_losses, noise, dtype)
        except ValueError as error:
            text = in_one_line(error).removeprefix("ValueError: ")
            known = text.startswith(f"{strategy.name}:")
            raise ValueError(text if known else f"{strategy.name}: {text}") from error
        except Exception as error:  # the strategy may be anybody's file
            raise ValueError(
                f"{strategy.name} can't be traced for {num_losses} losses: {in_one_line(error)}"
            ) from error


def _check(strategy: Strategy, num_losses: int, noise: Noise | None, dtype: tf.DType) -> None:
    state = initial_state(strategy, num_losses, NUM_PARAMETERS, dtype)
    gradients, losses, extra = _ordinary_input(num_losses, noise, dtype)

    def step(state: Any, gradients: Any, losses: Any, extra: Any) -> tuple[Any, Any]:
        out, after = _call(strategy, state, gradients, losses, extra)
        _same(strategy, _CALLS[_method(strategy)], _signature(state), _signature(after))
        if strategy.observes_update:
            after = strategy.after_update(losses, losses * 0.9, after)
            _same(strategy, "after_update", _signature(state), _signature(after))
        shape = () if strategy.contract == "loss" else (num_losses,)
        if _method(strategy) == "combine":
            shape = (NUM_PARAMETERS,)
        _same(strategy, _method(strategy), _signature(tf.zeros(shape, dtype)), _signature(out))
        scalar = _signature(tf.zeros((), dtype))
        factor = strategy.scale(tf.norm(gradients))
        if factor is not None:
            _same(strategy, "scale", scalar, _signature(factor))
        loss = strategy.reduce(gradients, tf.ones_like(gradients), tf.ones_like(gradients[0]))
        _same(strategy, "reduce", scalar, _signature(loss))
        if strategy.contract == "loss":
            out, _ = derivative(strategy, losses, state, **extra)
        return out, after

    function = tf.function(tf.autograph.experimental.do_not_convert(step))
    concrete = function.get_concrete_function(state, gradients, losses, extra)
    for operation in concrete.graph.get_operations():
        if operation.op_def.is_stateful and operation.type not in _HARMLESS:
            raise ValueError(
                f"{strategy.name}: a step is a pure function, with state and noise passed in; "
                f"this one contains the stateful operation {operation.type}"
            )
    # Twice: the second step starts from the state that the first one left.
    for _ in range(2):
        out, state = function(state, gradients, losses, extra)
        if not bool(tf.reduce_all(tf.math.is_finite(out))):
            raise ValueError(
                f"{strategy.name}: the result of {_method(strategy)} and its gradient are finite "
                f"for ordinary input; got {out.numpy().tolist()}"
            )


_CALLS = {
    "objective": "the state that objective returns",
    "weights": "the state that weights returns",
    "weigh": "the state that weigh returns",
    "combine": "the state that combine returns",
}


def _method(strategy: Strategy) -> str:
    if strategy.contract == "gradient":
        return "weigh" if strategy.linear else "combine"
    return "objective" if strategy.contract == "loss" else "weights"


def _call(strategy: Strategy, state: Any, gradients: Any, losses: Any, extra: Any) -> Any:
    first = {"loss": (), "gram": (gradients @ tf.transpose(gradients),), "gradient": (gradients,)}
    arguments = (*first[strategy.contract], losses, state)
    answer = getattr(strategy, _method(strategy))(*arguments, **extra)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise ValueError(
            f"{strategy.name}: {_method(strategy)} returns a pair, its result and the next state; "
            f"got {type(answer).__name__}"
        )
    return tf.convert_to_tensor(answer[0]), answer[1]


def _ordinary_input(num_losses: int, noise: Noise | None, dtype: tf.DType) -> Any:
    """Gradients with an angle between each two, positive losses, and noise that is uniform."""
    rows = tf.range(1, num_losses + 1, dtype=dtype)[:, None]
    columns = tf.range(1, NUM_PARAMETERS + 1, dtype=dtype)[None, :]
    losses = 1 + 0.25 * tf.range(num_losses, dtype=dtype)
    if noise is None:
        return tf.cos(rows * columns), losses, {}
    count = 1
    for length in noise.shape:
        count *= length
    draws = tf.math.floormod(0.618034 * tf.range(1, count + 1, dtype=dtype), 1)
    return tf.cos(rows * columns), losses, {"noise": tf.reshape(draws, noise.shape)}


def _signature(nest: Any) -> Any:
    return tf.nest.map_structure(
        lambda leaf: f"{leaf.dtype.name} of shape {leaf.shape}",
        tf.nest.map_structure(tf.convert_to_tensor, nest),
    )


def _same(strategy: Strategy, what: str, expected: Any, got: Any) -> None:
    if expected != got:
        raise ValueError(f"{strategy.name}: {what} is expected as {expected}; got {got}")
