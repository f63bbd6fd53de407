"""The difference of each strategy to the baseline over all tasks together, and its verdict."""

from __future__ import annotations

import pandas as pd

from ...statistics.paired import practical_verdicts
from .leaderboard import Leaderboard


def together(board: Leaderboard) -> tuple[pd.DataFrame, str]:
    """The difference of the IQM where its interval is known, else the mean paired difference.

    The bootstrap of the IQM needs many pooled runs; the t interval of the mean does with few.

    Returns:
        `difference`, `low`, `high`, `verdict` per label, and what the difference is of.
    """
    table = board.table
    iqm = bool(table["difference_low"].notna().any())
    names = ("difference", "difference_low", "difference_high")
    chosen = names if iqm else ("mean_difference", "mean_low", "mean_high")
    found = table[list(chosen)].set_axis(["difference", "low", "high"], axis=1)
    verdicts = practical_verdicts(found["low"], found["high"], board.rope)
    return found.assign(verdict=verdicts), "IQM" if iqm else "mean"
