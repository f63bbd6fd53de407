"""Means of metrics over the labels that count, weighted where they do not count alike."""

from __future__ import annotations

import numpy as np


def mean(elements: np.ndarray, counted: np.ndarray | None) -> float:
    """Mean of all elements, weighted where they do not count alike; NaN where none counts."""
    if counted is None:
        return float(np.mean(elements))
    return float((counted * elements).sum() / counted.sum())


def column_means(elements: np.ndarray, counted: np.ndarray | None) -> np.ndarray:
    """Means (O,) of the columns of (N, O), weighted where their elements do not count alike."""
    if counted is None:
        return np.mean(elements, 0)
    return (counted * elements).sum(0) / counted.sum(0)
