"""Intervals at one confidence level: Student's of a mean, Wilson's of a rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

LEVEL = 0.95


def t_quantile(df: np.ndarray | float, level: float = LEVEL) -> np.ndarray:
    """How many standard errors a t interval reaches to either side.

    >>> float(t_quantile(10).round(3))
    2.228
    """
    return stats.t.ppf(0.5 + level / 2, df)


def t_half_width(
    sd: np.ndarray | float, n: np.ndarray | int, level: float = LEVEL
) -> np.ndarray | float:
    """Half the width of Student's t interval of a mean: t(n - 1) * SD / sqrt(n).

    Args:
        sd: over the n values.
        n: number of values; NaN from fewer than two.
        level: coverage.
    """
    n = np.where(np.asarray(n) > 1, n, np.nan)
    return t_quantile(n - 1, level) * sd / np.sqrt(n)


def t_intervals(values: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Student's t interval of the mean of each column, for paired differences above all.

    Args:
        values: (seeds, strategies); NaN where one is missing.
        level: coverage.

    Returns:
        `pairs`, `difference`, `low`, `high` per column; no interval from fewer than two values.

    >>> t_intervals(pd.DataFrame({"a": [1.0, 2.0, 3.0]})).round(2).to_numpy().tolist()
    [[3.0, 2.0, -0.48, 4.48]]
    """
    n, mean, sd = moments(values)
    half = t_half_width(sd, n, level)
    columns = {"pairs": n, "difference": mean, "low": mean - half, "high": mean + half}
    return pd.DataFrame(columns, index=values.columns)


def moments(values: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number, mean and standard deviation (n - 1) of each column, without NaN."""
    table = values.to_numpy(float)
    known = ~np.isnan(table)
    n = known.sum(axis=0)
    mean = np.where(known, table, 0.0).sum(axis=0) / np.where(n > 0, n, np.nan)
    squares = (np.where(known, table - mean, 0.0) ** 2).sum(axis=0)
    return n, mean, np.sqrt(squares / np.where(n > 1, n - 1, np.nan))


def wilson(
    share: np.ndarray | float, n: np.ndarray | float, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score interval of a rate.

        (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)

    Inside [0, 1], and with a width at 0 of n too.

    Args:
        share: p, observed.
        n: trials; NaN bounds where there are none.
        level: coverage.

    Source:
        Wilson 1927, J. Am. Stat. Assoc. 22.

    >>> [round(float(bound), 3) for bound in wilson(0.1, 10)]
    [0.018, 0.404]
    """
    n = np.where(np.asarray(n, float) > 0, n, np.nan)
    z2 = stats.norm.ppf(0.5 + level / 2) ** 2 / n
    centre = (share + z2 / 2) / (1 + z2)
    half = np.sqrt(z2 * (share * (1 - np.asarray(share)) + z2 / 4)) / (1 + z2)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
