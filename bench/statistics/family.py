"""The tests of many strategies against one baseline, by what is replicated: seeds, or clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .max_t import max_t
from .paired import DESCRIPTIVE, holm, sign_flip, t_test

FEW_CLUSTERS = 2  # with so many or fewer a t test has no power to speak of


def p_values(differences: pd.DataFrame, clusters: bool) -> pd.DataFrame:
    """Two-sided p values of a family, alone and adjusted for its size.

    Of seeds: sign flips, max-T over the strategies, exact whatever the distribution. Of clusters
    (tunings, splits), each the mean of several runs: Student's t with Holm's correction. Such
    means are near normal, and few: the signs of five have no pattern rarer than 0.0625.

    Args:
        differences: (units, strategies) to the baseline; NaN is no pair.
        clusters: whether a unit is the mean of a cluster of runs.

    Returns:
        `p` and `p_adjusted`, one row per strategy.

    Example:
        >>> found = p_values(pd.DataFrame({"a": [1.0, 1.2, 1.1, 0.9, 1.0]}), clusters=True)
        >>> bool(found.loc["a", "p_adjusted"] < 0.001)
        True
        >>> p_values(pd.DataFrame({"a": [1.0, 1.2, 1.1, 0.9, 1.0]}), clusters=False).loc["a", "p"]
        np.float64(0.0625)
    """
    if clusters:
        p = t_test(differences)
        return pd.DataFrame({"p": p, "p_adjusted": holm(p)})
    p = pd.Series({name: sign_flip(differences[name]) for name in differences}, dtype=float)
    return pd.DataFrame({"p": p, "p_adjusted": np.maximum(max_t(differences), p)})


def few(clusters: bool) -> int:
    """So many units or fewer tell nothing: a verdict would be descriptive only."""
    return FEW_CLUSTERS if clusters else DESCRIPTIVE
