"""Tuning with equal budgets: the configurations that every strategy of a task is tried in.

Trial 0 is the default configuration. The others are points of one Sobol sequence, the same for
every strategy: its first dimension is the learning rate, the next ones are the strategy's own
hyperparameters, so that strategies without any and with many of them try the same rates, as many
times.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...strategies.core.contracts import Factors, Range

REPETITIONS = (1_000_000,)  # of the trials: seeds apart from those of the runs that are reported
BLOCK = 64  # dimensions of the sequence; strategies with more draw the others in addition


class Trial(NamedTuple):
    """A configuration: a learning rate, and hyperparameters (each one number, or one per loss)."""

    learning_rate: float
    hyperparameters: Mapping[str, float | tuple[float, ...]]


def searched(strategy: Any, given: Sequence[str], num_losses: int) -> dict[str, Any]:
    """The hyperparameters that tuning searches, with their defaults.

    What a call sets itself is fixed: of "weighted(weights=(1, 0.5))" the rate alone is tuned.

    Args:
        strategy: with the task's hand-set weights.
        given: names of the hyperparameters that were set by hand.
        num_losses: K, the length of a hyperparameter with one number per loss.

    Example:
        >>> from lossbench.strategies import get
        >>> searched(get("cagrad"), (), 2), searched(get("cagrad", c=0.4), ("c",), 2)
        ({'c': 0.5}, {})
    """
    found = {}
    for name, space in strategy.search_space.items():
        if name not in given:
            value = getattr(strategy, name)
            if isinstance(space, Factors):
                value = (1.0,) * num_losses if value is None else tuple(map(float, value))
            found[name] = value
    return found


def trials(
    count: int,
    default: Trial,
    rates: tuple[float, float],
    space: Mapping[str, Range | Factors],
) -> list[Trial]:
    """The first `count` trials of a strategy on a task.

    Args:
        count: how many, the default among them.
        default: trial 0; its hyperparameters are those that are searched.
        rates: the smallest and the largest learning rate.
        space: the strategy's search space.

    """
    tuned = default.hyperparameters
    dimensions = 1 + sum(_size(space[name], value) for name, value in tuned.items())
    found = [default]
    for point in _points(count - 1, -(-dimensions // BLOCK)):
        low, high = rates
        chosen, at = {}, 1
        for name, value in tuned.items():
            size = _size(space[name], value)
            chosen[name] = _place(space[name], value, point[at : at + size])
            at += size
        found.append(Trial(_between(low, high, point[0], log=True), chosen))
    return found[:count]


def best(scores: Sequence[float]) -> int:
    """Index of the highest score; NaN is a trial that failed. 0, the default, when all did."""
    known = np.where(np.isfinite(scores), scores, -np.inf)
    return int(np.argmax(known))  # the first of equals: the default, if it is among them


def stacked(trials: Sequence[Trial]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Rates (S,) and hyperparameters, each (S,) or (S, K), of runs that train together."""
    names = trials[0].hyperparameters
    return (
        np.array([trial.learning_rate for trial in trials], np.float32),
        {n: np.array([trial.hyperparameters[n] for trial in trials], np.float32) for n in names},
    )


@functools.cache
def _points(count: int, blocks: int) -> np.ndarray:
    """Points (count, dimensions); more dimensions leave those that were there as they are."""
    from scipy.stats import qmc

    if not count:
        return np.empty((0, BLOCK * blocks))
    # Balanced only in powers of two; a prefix of a longer draw is the same sequence.
    draws = max(0, (count - 1).bit_length())
    found = np.empty((count, 0))
    for block in range(1, blocks + 1):
        sequence = qmc.Sobol(BLOCK * block, scramble=True, rng=block - 1)
        new = sequence.random_base2(draws)[:count, found.shape[1] :]
        found = np.concatenate([found, new], axis=1)
    return found


def _size(space: Range | Factors, value: Any) -> int:
    return len(value) - 1 if isinstance(space, Factors) else 1


def _place(space: Range | Factors, value: Any, point: np.ndarray) -> float | tuple[float, ...]:
    if isinstance(space, Factors):
        factors = [_between(space.low, space.high, x, log=True) for x in point]
        return tuple(w * f for w, f in zip(value, [1.0, *factors], strict=True))
    return _between(space.low, space.high, point[0], log=space.log)


def _between(low: float, high: float, x: float, log: bool) -> float:
    return float(low * (high / low) ** x if log else low + (high - low) * x)
