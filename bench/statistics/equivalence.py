"""Practical equivalence: an interval beside a region in which differences do not matter."""

from __future__ import annotations

import numpy as np
import pandas as pd

ROPE = 0.01  # one hundredth of the way from chance to the single-task run
BETTER, WORSE, EQUIVALENT, UNDECIDED = "better", "worse", "equivalent", "undecided"


def practical_verdicts(
    low: np.ndarray | pd.Series, high: np.ndarray | pd.Series, rope: float = ROPE
) -> list[str]:
    """A word for each interval of a difference.

    "equivalent": inside [-rope, rope], even if it excludes 0; "better", "worse": excludes
    0; "undecided": neither; "": there is no interval.

    A 95 % interval inside the region is two one-sided t tests (TOST), each at 2.5 %, that the
    means are practically equal. Differences that are 0 on all seeds have an interval without
    width, which is inside.

    Args:
        low: lower ends, of differences of which a positive one is better.
        high: upper ends.
        rope: half the width of the region, in the unit of the difference.

    Source:
        Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics 15.

    >>> practical_verdicts([-0.005, 0.002, -0.3, 0.0], [0.005, 0.2, -0.1, 0.3], 0.01)
    ['equivalent', 'better', 'worse', 'undecided']
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    missing = ~(np.isfinite(low) & np.isfinite(high))
    inside = (low >= -rope) & (high <= rope)
    words = ["", EQUIVALENT, BETTER, WORSE]
    return np.select([missing, inside, low > 0, high < 0], words, UNDECIDED).tolist()
