"""The state of a strategy before its first step."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from .contracts import State, Strategy


def initial_state(
    strategy: Strategy, num_losses: int, num_parameters: int, dtype: tf.DType
) -> State:
    """The strategy's state before the first step, its floating tensors in `dtype`."""
    sizes = {}
    if "num_parameters" in inspect.signature(strategy.init).parameters:
        sizes["num_parameters"] = num_parameters
    state = tf.nest.map_structure(tf.convert_to_tensor, strategy.init(num_losses, **sizes))
    return tf.nest.map_structure(
        lambda leaf: tf.cast(leaf, dtype) if leaf.dtype.is_floating else leaf, state
    )
