"""How well scores rank the positives above the others, of one column, with weights.

The same numbers as scikit-learn's, which takes a millisecond a column: they are asked for hundreds
of times in a run.
"""

from __future__ import annotations

import numpy as np


def average_precision(
    scores: np.ndarray, positive: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Area under the precision-recall curve: sum over thresholds of (R_n - R_n-1) P_n.

    Args:
        scores: (N,), the larger the surer.
        positive: (N,) bool.
        weights: (N,), or None for ones.

    Returns:
        NaN without a positive.
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)  # of equal scores
    if weights is None:
        found, seen = np.cumsum(positive[order])[ends], ends + 1
    else:
        found = np.cumsum(np.where(positive, weights, 0)[order])[ends]
        seen = np.cumsum(weights[order])[ends]
    if not len(order) or not found[-1]:
        return float("nan")
    return float(np.sum(np.diff(found, prepend=0) / found[-1] * found / seen))


def area_under_curve(
    scores: np.ndarray, positive: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Share of the pairs of a positive and another in which the positive has the larger score.

    Ties count half. Arguments as in `average_precision`.

    Returns:
        NaN where a class is missing.
    """
    if weights is None:
        yes, no = int(positive.sum()), int((~positive).sum())
        if not yes or not no:
            return float("nan")
        _, group, sizes = np.unique(scores, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[group]  # from 1; equal ones share their mean
        return float((ranks[positive].sum() - yes * (yes + 1) / 2) / (yes * no))
    _, group = np.unique(scores, return_inverse=True)
    for_yes, for_no = (
        np.bincount(group, np.where(chosen, weights, 0), minlength=1)
        for chosen in (positive, ~positive)
    )
    pairs = for_yes.sum() * for_no.sum()
    below = np.cumsum(for_no) - for_no / 2
    return float((for_yes * below).sum() / pairs) if pairs else float("nan")
