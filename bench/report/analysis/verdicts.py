"""What is said of a strategy on a task, in one word or two."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...statistics.equivalence import BETTER, EQUIVALENT, ROPE, WORSE
from ...statistics.intervals import LEVEL
from ...statistics.paired import DESCRIPTIVE, fewest_pairs

NOT_RUN = "not run"
IS_BASELINE = "baseline"
ALL_FAILED = "no run finished"
NO_PAIRS = "no pairs"
DESCRIPTIVE_ONLY = "descriptive only"
BETTER_BUT_FAILS = "better where it finished"
# EQUIVALENT: the whole interval lies where differences do not matter, or there is none on any seed.
# The 95 % interval taken alone excludes 0; the test after the correction does not pass.
LEANS_BETTER = "better, uncorrected"
LEANS_WORSE = "worse, uncorrected"
NOT_SHOWN = "no difference shown"
# Of strategies, in the order in which they are told.
VERDICTS = (
    *(BETTER, BETTER_BUT_FAILS, WORSE, EQUIVALENT, LEANS_BETTER, LEANS_WORSE, NOT_SHOWN),
    *(DESCRIPTIVE_ONLY, NO_PAIRS, ALL_FAILED, NOT_RUN),
)


def margin(baseline_mean: float, chance: float | None) -> float:
    """Differences up to this size do not matter in practice: 1 % of what the baseline learned.

    Args:
        baseline_mean: its mean of the primary metric.
        chance: the value without learning.

    Returns:
        ROPE * |mean - chance|, in units of the metric; NaN without a chance level.

    >>> round(margin(0.9, 0.1), 6)
    0.008
    """
    return float("nan") if chance is None else ROPE * abs(baseline_mean - chance)


def verdicts(table: pd.DataFrame, baseline: str, margin: float) -> list[str]:
    """One verdict per row of a task's table.

    A difference that passed the corrected test is named as such even where it is small. A
    strategy that equals the baseline on every seed is equivalent from two seeds on: that is
    arithmetic, no estimate.
    """
    failures = table["failures"]
    ran = table["ok"] + failures > 0
    sure = table["p_holm"] < 1 - LEVEL
    better = table["difference"] > 0
    as_often = failures == failures[baseline]
    identical = (table["low"] == 0) & (table["high"] == 0) & as_often
    # More failures are a difference that the interval over finished runs does not see.
    fails_more = failures > failures[baseline]
    inside = (table["low"] >= -margin) & (table["high"] <= margin) & ~fails_more
    return list(
        np.select(
            [
                ~ran,
                table.index == baseline,
                table["ok"] == 0,
                ~(table["pairs"] > 0),
                identical,
                table["pairs"] <= DESCRIPTIVE,
                sure & better & fails_more,
                sure & better,
                sure,
                inside,
                table["low"] > 0,
                table["high"] < 0,
            ],
            [
                NOT_RUN,
                IS_BASELINE,
                ALL_FAILED,
                NO_PAIRS,
                EQUIVALENT,
                DESCRIPTIVE_ONLY,
                BETTER_BUT_FAILS,
                BETTER,
                WORSE,
                EQUIVALENT,
                LEANS_BETTER,
                LEANS_WORSE,
            ],
            NOT_SHOWN,
        )
    )


def hopeless(table: pd.DataFrame) -> bool:
    """Whether a task has too few pairs for any p value to pass Holm's correction."""
    return bool(DESCRIPTIVE < table["pairs"].max() < fewest_pairs(int(table["p"].count())))
