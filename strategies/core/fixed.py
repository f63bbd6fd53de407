"""Numbers that are hyperparameters: one per loss, None for a default."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from .checks import vector


def check_fixed(owner: Any, name: str = "weights") -> None:
    """What can be checked before K is known: None, or finite numbers, at least one.

    Raises:
        ValueError: anything else.
    """
    value = getattr(owner, name)
    if value is None:
        return
    length = len(value) if isinstance(value, (tuple, list)) else 0
    if not hasattr(value, "dtype") and not length:
        raise ValueError(
            f"{owner.name}: {name} is None or a sequence of finite numbers, one per loss; "
            f"got {value!r}"
        )
    vector(owner, name, length)


def fixed(owner: Any, losses: tf.Tensor, name: str = "weights", default: float = 1.0) -> tf.Tensor:
    """The hyperparameter as a tensor like `losses` (K,), in its precision; None is `default`.

    Raises:
        ValueError: another number of weights than of losses.
    """
    value = vector(owner, name, losses.shape[0], default)
    if hasattr(value, "dtype"):
        value = tf.cast(value, losses.dtype)
        if value.shape != losses.shape:
            raise ValueError(
                f"{owner.name}: {name} has shape {losses.shape}, one number per loss; "
                f"got {value.shape}"
            )
        return value
    return tf.constant(value, losses.dtype)


def scalar(value: Any, dtype: tf.DType) -> tf.Tensor:
    """A number as a tensor in `dtype`. One that tuning traces may come in another precision.

    `tf.cast(0.1, tf.float64)` would round to float32 on the way.
    """
    return tf.cast(value, dtype) if hasattr(value, "dtype") else tf.constant(value, dtype)
