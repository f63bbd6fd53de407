"""Tuning with equal budgets: the configurations that every strategy of a task is tried in.

Trial 0 is the default configuration. The others are points of one Sobol sequence, the same for
every strategy: its first dimension is the learning rate, the next ones are the strategy's own
hyperparameters, so that strategies without any and with many of them try the same rates, as many
times. The weight of what is to be unlearned is one more, for all strategies alike that do not
search weights themselves: without it, one with a better weight would pass for a better strategy.
Every second trial keeps the default hyperparameters and searches the rate alone: a
strategy must not lose by having some.

Every trial trains REPETITIONS times, on seeds of tuning's own. The best one replaces the default
only where its gain is larger than its error: the highest of many noisy scores is noise.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...strategies.core.contracts import Factors, Range
from .presets import SEEDS

REPETITIONS = 3  # of a trial
FIRST = SEEDS  # seed of the trials: those of the runs that are reported are below it
NUISANCE = "nuisance_weight"  # factor of the weight of what is to be unlearned
OF_NUISANCE = Range(1e-2, 1e2, log=True)
BLOCK = 64  # dimensions of the sequence; strategies with more draw the others in addition


class Trial(NamedTuple):
    """A configuration: a learning rate, and hyperparameters (each one number, or one per loss)."""

    learning_rate: float
    hyperparameters: Mapping[str, float | tuple[float, ...]]


def searched(
    strategy: Any, given: Sequence[str], num_losses: int, nuisances: int = 0
) -> dict[str, Any]:
    """The hyperparameters that tuning searches, with their defaults.

    What a call sets itself is fixed: of "weighted(weights=(1, 0.5))" the rate alone is tuned.

    Args:
        strategy: with the task's hand-set weights.
        given: names of the hyperparameters that were set by hand.
        num_losses: K, the length of a hyperparameter with one number per loss.
        nuisances: how many of the losses are to be unlearned.

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
    if nuisances and "weights" not in {*given, *strategy.search_space}:
        found[NUISANCE] = 1.0
    return found


def repetitions(tuning: int = 0) -> tuple[int, ...]:
    """Seeds of the trials of one tuning; those of two tunings have none in common.

    >>> repetitions(), repetitions(1)
    ((1000000, 1000001, 1000002), (1000003, 1000004, 1000005))
    """
    return tuple(FIRST + REPETITIONS * tuning + r for r in range(REPETITIONS))


def trials(
    count: int,
    default: Trial,
    rates: tuple[float, float],
    space: Mapping[str, Range | Factors],
    tuning: int = 0,
) -> list[Trial]:
    """The first `count` trials of a strategy on a task.

    Args:
        count: how many, the default among them.
        default: trial 0; its hyperparameters are those that are searched.
        rates: the smallest and the largest learning rate.
        space: the strategy's search space.
        tuning: which of several tunings; each has points of its own.
    """
    tuned = default.hyperparameters
    dimensions = 1 + sum(_size(space[name], value) for name, value in tuned.items())
    found = [default]
    low, high = rates
    for number, point in enumerate(_points(count - 1, -(-dimensions // BLOCK), tuning), start=1):
        chosen, at = dict(tuned), 1
        if number % 2 == 0:  # the others are at the default
            for name, value in tuned.items():
                size = _size(space[name], value)
                chosen[name] = _place(space[name], value, point[at : at + size])
                at += size
        found.append(Trial(_between(low, high, point[0], log=True), chosen))
    return found[:count]


def best(scores: np.ndarray) -> int:
    """Index of the trial with the highest mean score, or 0, the default.

    The default stays unless the best one gains more than the standard error of the gain,

        mean_r(d_r) > SD_r(d_r) / sqrt(R),    d_r = score of the best - score of the default

    over the R repetitions: they share weights and batches.

    Args:
        scores: (trials, R); NaN is a run that failed, and with it the trial has.

    Source:
        The one-standard-error rule of Breiman et al. 1984, Classification and Regression Trees.

    >>> best(np.array([[1.0, 1.2, 1.1], [1.4, 1.0, 1.2], [1.3, 1.4, 1.4]]))
    2
    >>> best(np.array([[1.0, 1.2, 1.1], [1.4, 1.0, 1.2]]))
    0
    """
    means = scores.mean(axis=1)
    if not np.isfinite(means).any():
        return 0
    found = int(np.nanargmax(means))  # the first of equals: the default, if it is among them
    gain = scores[found] - scores[0]
    if not np.isfinite(gain).all():
        return found
    error = gain.std(ddof=1) / np.sqrt(gain.size) if gain.size > 1 else 0.0
    return found if gain.mean() > error else 0


def stacked(trials: Sequence[Trial]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Rates (S,) and hyperparameters, each (S,) or (S, K), of runs that train together."""
    names = trials[0].hyperparameters
    return (
        np.array([trial.learning_rate for trial in trials], np.float32),
        {n: np.array([trial.hyperparameters[n] for trial in trials], np.float32) for n in names},
    )


@functools.cache
def _points(count: int, blocks: int, tuning: int) -> np.ndarray:
    """Points (count, dimensions); more dimensions leave those that were there as they are."""
    from scipy.stats import qmc

    if not count:
        return np.empty((0, BLOCK * blocks))
    # Balanced only in powers of two; a prefix of a longer draw is the same sequence.
    draws = max(0, (count - 1).bit_length())
    found = np.empty((count, 0))
    for block in range(1, blocks + 1):
        sequence = qmc.Sobol(BLOCK * block, scramble=True, rng=block - 1 + 1000 * tuning)
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
