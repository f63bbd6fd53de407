"""Many strategies against one baseline at once: step-down max-T by sign flips."""

from __future__ import annotations

import numpy as np
import pandas as pd

EXACT = 14  # pairs up to which all sign patterns are tried
DRAWS = 20_000  # random patterns beyond


def max_t(differences: pd.DataFrame) -> pd.Series:
    """Adjusted two-sided p value per column: the family-wise error over all columns.

        t_j(s) = |sum_i s_i d_ij| / sqrt(sum_i d_ij^2),    s one pattern of signs for all columns
        p_(j)  = max over k <= j of the share of patterns with max over l >= k of t_(l)(s) >= t_(k)

    with the columns in falling order of t. Under the null hypothesis the signs of a seed's
    differences are a coin toss, thrown once for all strategies: strategies that go together count
    as little more than one, where Holm's correction takes them for independent. With n pairs the
    smallest p is 2 / 2**n however many columns there are.

    Args:
        differences: (pairs, strategies), paired by row; NaN is no pair. All 2**n patterns are
            tried up to 14 pairs, beyond 20,000 from a constant seed. Rows must be in an order that
            does not depend on how the table was read.

    Returns:
        NaN for a column without pairs, which is no member of the family; 1 where all are 0.

    Source:
        Westfall and Young 1993, Resampling-based multiple testing, algorithm 4.1.

    >>> max_t(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, -1.0, 0.0]})).tolist()
    [0.25, 1.0]
    """
    known = differences.notna().any()
    d = differences.loc[:, known].fillna(0.0).to_numpy(float)
    found = pd.Series(np.nan, differences.columns)
    if not d.size:
        return found
    size = np.sqrt((d**2).sum(axis=0))
    d = d / np.where(size > 0, size, 1.0)
    observed = np.abs(d.sum(axis=0))
    order = np.argsort(-observed, kind="stable")
    drawn = np.abs(_signs(len(d)) @ d)[:, order]
    largest = np.maximum.accumulate(drawn[:, ::-1], axis=1)[
        :, ::-1
    ]  # of this column and later ones
    # Sums of the same terms in another order differ in their last bits: such patterns are ties.
    reached = largest >= observed[order] - 1e-9
    p = np.maximum.accumulate(reached.mean(axis=0))
    adjusted = np.empty(len(order))
    adjusted[order] = p
    found[known] = np.where(observed > 0, adjusted, 1.0)
    return found


def _signs(pairs: int) -> np.ndarray:
    """Patterns (n, pairs), the first one all plus: what was observed is one of them."""
    if pairs <= EXACT:  # the first sign is free: a pattern and its opposite are alike
        bits = np.arange(2 ** (pairs - 1))[:, None] >> np.arange(pairs)
        return 1.0 - 2.0 * (bits & 1)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (DRAWS + 1, pairs))
    signs[0] = 1.0
    return signs
