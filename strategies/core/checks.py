"""Checks of hyperparameters: what was expected, what came. Tensors pass: tuning traces them."""

from __future__ import annotations

import math
from typing import Any


def finite(owner: Any, name: str) -> None:
    """The hyperparameter is a finite number."""
    _require(owner, name, lambda value: True, "a finite number")


def positive(owner: Any, name: str) -> None:
    """The hyperparameter is a finite number above 0."""
    _require(owner, name, lambda value: value > 0, "a finite number above 0")


def at_least(owner: Any, name: str, low: float, high: float = math.inf) -> None:
    """The hyperparameter is a finite number of at least `low` and at most `high`."""
    bound = f"from {low:g} to {high:g}" if high < math.inf else f"of at least {low:g}"
    _require(owner, name, lambda value: low <= value <= high, f"a finite number {bound}")


def vector(owner: Any, name: str, num_losses: int, default: float = 1.0) -> tuple[float, ...]:
    """The hyperparameter as K finite numbers; None stands for K times `default`.

    Raises:
        ValueError: not a sequence of K finite numbers.
    """
    value = getattr(owner, name)
    if value is None:
        return (default,) * num_losses
    if hasattr(value, "dtype"):
        return value
    if (
        not isinstance(value, (tuple, list))
        or len(value) != num_losses
        or not all(_is_finite(item) for item in value)
    ):
        raise ValueError(
            f"{owner.name}: {name} is a sequence of {num_losses} finite numbers, one per loss; "
            f"got {value!r}"
        )
    return tuple(float(item) for item in value)


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _require(owner: Any, name: str, holds: Any, expected: str) -> None:
    value = getattr(owner, name)
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return
    if not _is_finite(value) or not holds(value):
        raise ValueError(f"{owner.name}: {name} is {expected}; got {value!r}")
