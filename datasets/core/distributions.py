"""Metrics of how outputs are distributed."""

from __future__ import annotations

import numpy as np

from .task import Metric


def moment_gap(output: str, chance: float | None = None) -> Metric:
    """|mean|^2 + |covariance - I|_F^2 of an output (N, O): 0 has the moments of N(0, I).

    A sample of N(0, I) itself scores about (O^2 + 2 O) / N; a constant 0 scores O.
    """

    def function(outputs, arrays):
        code = np.asarray(outputs[output], np.float64)
        gap = np.cov(code.T, bias=True) - np.eye(code.shape[1])
        return float(np.sum(code.mean(0) ** 2) + np.sum(gap**2))

    return Metric("gap", function, higher_is_better=False, chance=chance, perfect=0.0)


def frechet(output: str, target: str, chance: float | None = None) -> Metric:
    """Frechet distance of the normal distributions fitted to output and target (N, O).

    |m - n|^2 + tr(C + D - 2 (C^1/2 D C^1/2)^1/2), as in the Frechet inception distance (Heusel et
    al. 2017) without the inception network.
    """

    def function(outputs, arrays):
        drawn = np.asarray(outputs[output], np.float64)
        real = np.asarray(arrays[target], np.float64)
        if not np.isfinite(drawn).all():
            return float("nan")
        if drawn.ndim != 2 or drawn.shape[1:] != real.shape[1:]:
            raise ValueError(
                f"target {target} has shape {real.shape}, the output {output} {drawn.shape}: give "
                "both as many columns"
            )
        first, second = np.cov(drawn.T, bias=True), np.cov(real.T, bias=True)
        root = _root(second)
        cross = np.trace(_root(root @ first @ root))
        means = np.sum((drawn.mean(0) - real.mean(0)) ** 2)
        return float(means + np.trace(first) + np.trace(second) - 2 * cross)

    return Metric("frechet", function, higher_is_better=False, chance=chance, perfect=0.0)


def _root(matrix: np.ndarray) -> np.ndarray:
    """Square root of a symmetric positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
