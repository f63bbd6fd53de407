"""Tests of paired differences, one value per (task, seed) and strategy, and their correction.

The unit of replication is the seed. All strategies share its random numbers, so that the
difference to the baseline on the same seed is what is judged.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from .intervals import LEVEL, moments

# The smallest two-sided sign-flip p is 2 / 2**n: with 5 pairs it is 0.0625.
DESCRIPTIVE = 5
_EXACT = 36  # two halves of 2**18 sums; beyond, random sign flips
_DRAWS = 200_000


def t_test(differences: pd.DataFrame) -> pd.Series:
    """Two-sided p value of Student's paired t test per column.

    Below 0.05 where the 95 % interval of `intervals.t_intervals` excludes 0.

    Returns:
        NaN from fewer than two pairs; 1 where all differences are 0, 0 where all are another
        constant.
    """
    n, mean, sd = moments(differences)
    t = np.abs(mean) * np.sqrt(n) / np.where(sd > 0, sd, np.nan)
    p = np.where(sd == 0, mean == 0, 2 * stats.t.sf(t, n - 1))
    return pd.Series(p, differences.columns)


def sign_flip(differences: np.ndarray | pd.Series) -> float:
    """Two-sided p value of "the sign of each difference is a coin toss".

    p = share of the 2**n sign patterns whose |sum| is at least the observed one. Exact up to 36
    pairs: the sums of two halves are sorted and counted against each other, so that 2**(n / 2)
    sums suffice. Beyond, 200,000 random patterns from a constant seed.

    Returns:
        p in (0, 1]; NaN without differences.

    >>> sign_flip(np.array([1.0, 2.0, 3.0]))
    0.25
    """
    d = np.asarray(differences, float)
    d = d[np.isfinite(d)]
    if not d.size:
        return float("nan")
    # Sums of the same terms in another order differ in their last bits: such patterns are ties.
    observed = abs(d.sum()) - 1e-9 * np.abs(d).sum()
    if observed <= 0:
        return 1.0
    if d.size > _EXACT:
        signs = np.random.default_rng(0).choice([-1.0, 1.0], (_DRAWS, d.size))
        return float((1 + np.sum(np.abs(signs @ d) >= observed)) / (1 + _DRAWS))
    left, right = _signed_sums(d[: d.size // 2]), np.sort(_signed_sums(d[d.size // 2 :]))
    above = right.size - np.searchsorted(right, observed - left, side="left")
    return float(2 * above.sum() / 2.0**d.size)  # the patterns below -observed are as many


def _signed_sums(terms: np.ndarray) -> np.ndarray:
    """All 2**n sums of +-terms."""
    sums = np.zeros(1)
    for term in terms:
        sums = np.concatenate([sums - term, sums + term])
    return sums


def win_shares(scores: pd.DataFrame, baseline: str) -> pd.Series:
    """P(A > B) per column: share of seeds on which it beats the baseline; ties count a half.

    Args:
        scores: (seeds, strategies), higher is better, -inf for a failed run: it loses against
            every run that finished and ties with a failed one. NaN is no pair.
        baseline: the column to compare with.
    """
    a, b = scores, scores[baseline].to_numpy()[:, None]
    pair = a.notna() & ~np.isnan(b)
    won = (a > b) + 0.5 * (a == b)
    return won.where(pair).mean()


def seeds_needed(
    sd: np.ndarray | float, difference: float, power: float = 0.8, level: float = LEVEL
) -> np.ndarray:
    """Pairs from which on a paired t test finds a difference.

        n = (z_(1 + level) / 2 + z_power)^2 (SD / difference)^2 + z_(1 + level) / 2^2 / 2

    rounded up; the last term makes up for the normal quantiles. For one comparison: a test over
    many strategies needs some more.

    Args:
        sd: of the paired differences.
        difference: to be found, above 0.
        power: share of studies that find it.
        level: 1 - the error rate of the test.

    Source:
        Guenther 1981, Sample size formulas for normal theory t tests, The American Statistician 35.

    >>> int(seeds_needed(1.0, 1.0)), int(seeds_needed(1.0, 0.5))
    (10, 34)
    """
    a, b = stats.norm.ppf(0.5 + level / 2), stats.norm.ppf(power)
    return np.ceil((a + b) ** 2 * (np.asarray(sd) / difference) ** 2 + a**2 / 2)


def lost_pairs(scores: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Differences to the baseline in which a failed run loses its pair.

    As much as the largest difference of that strategy, so that no test takes a failure for less
    than any run that finished; nothing where both failed.

    Args:
        scores: (seeds, strategies), higher is better, -inf for a failed run, NaN for no run.
        baseline: the column to compare with; it is left out.

    >>> scores = pd.DataFrame({"sum": [1.0, 1.0, -np.inf], "a": [3.0, -np.inf, -np.inf]})
    >>> lost_pairs(scores, "sum")["a"].tolist()
    [2.0, -2.0, 0.0]
    """
    a, b = scores.drop(columns=baseline), scores[baseline].to_numpy()[:, None]
    with np.errstate(invalid="ignore"):
        difference = (a - b).mask((a == -np.inf) & (b == -np.inf), 0.0)
    largest = difference.where(np.isfinite(difference)).abs().max()
    largest = largest.where(largest > 0, 1.0).to_numpy()[None, :]
    return difference.clip(-largest, largest, axis=None)


def holm(p: pd.Series) -> pd.Series:
    """Holm's adjusted p values: max over the smaller ones of (m - rank) * p, at most 1.

    NaN stays NaN and is no member of the family.

    >>> holm(pd.Series([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    known = p.dropna().sort_values()
    factors = np.arange(len(known), 0, -1)
    adjusted = np.minimum(1.0, np.maximum.accumulate(known.to_numpy() * factors))
    return pd.Series(adjusted, known.index, dtype=float).reindex(p.index)
