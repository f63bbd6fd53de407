"""Metrics of the difference between an output and a target: regressions and reconstructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .shapes import alike, weights
from .task import Metric
from .weighted import column_means, mean


def mean_squared_error(output: str, target: str, chance: float | None = None) -> Metric:
    """Mean of (output - target)^2 over all elements (N, O)."""

    def function(outputs, arrays, observed=None):
        error = _error(outputs, output, arrays, target)
        return mean(np.square(error), weights(observed, error.shape))

    return _of_error("mse", function, chance, output)


def root_mean_squared_error(output: str, target: str, chance: float | None = None) -> Metric:
    """Square root of the mean of (output - target)^2 over all elements (N, O)."""
    mse = mean_squared_error(output, target).function

    def function(outputs, arrays, observed=None):
        return float(np.sqrt(mse(outputs, arrays, observed)))

    return _of_error("rmse", function, chance, output)


def mean_absolute_error(output: str, target: str, chance: float | None = None) -> Metric:
    """Mean of |output - target| over all elements (N, O)."""

    def function(outputs, arrays, observed=None):
        error = _error(outputs, output, arrays, target)
        return mean(np.abs(error), weights(observed, error.shape))

    return _of_error("mae", function, chance, output)


def r2(output: str, target: str, scale: float = 1.0, chance: float | None = None) -> Metric:
    """1 - squared error / variance, of `scale` times the output, averaged over columns (N, O).

    The variance is that of the split scored, so the training mean scores a little below 0. Not
    finite where a target does not vary.
    """

    def function(outputs, arrays, observed=None):
        error = _error(outputs, output, arrays, target, scale)
        truth = np.asarray(arrays[target], np.float64)
        counted = weights(observed, error.shape)
        variance = column_means(np.square(truth - column_means(truth, counted)), counted)
        if counted is None:
            variance = np.var(truth, 0)
        return float(np.mean(1 - column_means(error**2, counted) / variance))

    return Metric("r2", function, higher_is_better=True, chance=chance, perfect=1.0, reads=output)


def variance_explained(output: str, target: str) -> Metric:
    """1 - squared error / squared distance to the mean, both summed over rows and columns (N, O).

    One ratio where `r2` has one for each column: for pictures, whose corners never vary. The mean
    of the split scored is 0 by definition, that of the training split a hair below.
    """

    def function(outputs, arrays, observed=None):
        error = _error(outputs, output, arrays, target)
        truth = np.asarray(arrays[target], np.float64)
        counted = weights(observed, error.shape)
        part = 1.0 if counted is None else counted
        around = np.square(truth - column_means(truth, counted))
        return float(1 - np.sum(part * np.square(error)) / np.sum(part * around))

    return Metric(
        "variance_explained",
        function,
        higher_is_better=True,
        chance=0.0,
        perfect=1.0,
        reads=output,
    )


def _of_error(
    name: str, function: Callable[..., float], chance: float | None, reads: str
) -> Metric:
    """A metric that is 0 at best."""
    return Metric(name, function, higher_is_better=False, chance=chance, perfect=0.0, reads=reads)


def _error(outputs: Any, output: str, arrays: Any, target: str, scale: float = 1.0) -> np.ndarray:
    """`scale` times the output minus the target, (N, O)."""
    predicted, truth = np.asarray(outputs[output], np.float64), np.asarray(arrays[target])
    alike(target, truth, output, predicted)
    return scale * predicted - truth
