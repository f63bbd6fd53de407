"""What is said of a strategy: one table of verdicts, and how they come about on a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ...statistics.equivalence import BETTER, EQUIVALENT, ROPE, UNDECIDED, WORSE
from ...statistics.intervals import LEVEL
from ...statistics.paired import DESCRIPTIVE

NOT_RUN = "not run"
IS_BASELINE = "baseline"
ALL_FAILED = "no run finished"
NO_PAIRS = "no pairs"
DESCRIPTIVE_ONLY = "descriptive only"
BETTER_BUT_FAILS = "better where it finished"
IDENTICAL = "identical"
# EQUIVALENT: the whole interval lies where differences do not matter, or there is none on any seed.
# The 95 % interval taken alone excludes 0; the test after the correction does not pass.
LEANS_BETTER = "better, uncorrected"
LEANS_WORSE = "worse, uncorrected"
NOT_SHOWN = "no difference shown"
MIXED = "mixed"  # over several tasks: better on some, worse on others
SHOWN_BETTER = (BETTER, BETTER_BUT_FAILS)


class Verdict(NamedTuple):
    """How a verdict is told.

    Attributes:
        lead: what introduces the strategies that got it, with `{baseline}`, `{where}` (a place,
            such as " over all tasks") and `{inside}` (the region of practical equivalence).
            Verdicts with the same lead stand together; "" is not told.
        first: the difference that is told first: "highest", "lowest", "largest"; "" where
            strategies are named without figures, in the order of the plan.
        mark: in tables and figures.
        tone: its colour there: "better", "worse", "failed" or "".
    """

    lead: str = ""
    first: str = ""
    mark: str = ""
    tone: str = ""


# In the order in which they are told.
VERDICTS: Mapping[str, Verdict] = {
    BETTER: Verdict("Better than {baseline}{where}", "highest", "▲", "better"),
    BETTER_BUT_FAILS: Verdict("Better than {baseline}{where}", "highest", "▲", "better"),
    WORSE: Verdict("Worse than {baseline}{where}", "lowest", "▼", "worse"),
    MIXED: Verdict("Better on some tasks and worse on others", "highest", "◆"),
    IDENTICAL: Verdict("Equivalent to {baseline}{where}, the same value on every seed", "", "≈"),
    EQUIVALENT: Verdict("Equivalent to {baseline}{where}, the interval inside ±{inside}", "", "≈"),
    LEANS_BETTER: Verdict("Better by the interval alone, not after the correction", "highest", "△"),
    LEANS_WORSE: Verdict("Worse by the interval alone, not after the correction", "lowest", "▽"),
    NOT_SHOWN: Verdict("No difference could be shown for"),
    UNDECIDED: Verdict("Could not be told from {baseline}{where}"),
    DESCRIPTIVE_ONLY: Verdict(
        f"{DESCRIPTIVE} seeds or fewer are too few to tell from {{baseline}}; the largest "
        "differences",
        "largest",
    ),
    NO_PAIRS: Verdict(),
    ALL_FAILED: Verdict("No run finished", tone="failed"),
    NOT_RUN: Verdict("Not run"),
}
_NONE = Verdict()


def mark(verdict: str) -> str:
    """▲ better, ▼ worse, ≈ equivalent, △ and ▽ by the interval alone; "" for others."""
    return VERDICTS.get(verdict, _NONE).mark


def tone(verdict: str) -> str:
    """The colour of a verdict; "" for none."""
    return VERDICTS.get(verdict, _NONE).tone


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


def verdicts(
    table: pd.DataFrame, baseline: str, margin: float, few: int = DESCRIPTIVE
) -> list[str]:
    """One verdict per row of a task's table; of `few` pairs or fewer none but "descriptive only".

    A difference that is sure to be too small to matter is equivalence, whatever a test says: with
    enough seeds every difference passes one. A strategy that equals the baseline on every seed is
    equivalent from two seeds on: that is arithmetic, no estimate.
    """
    failures = table["failures"]
    as_often = failures == failures[baseline]
    identical = (table["low"] == 0) & (table["high"] == 0) & as_often
    # More failures are a difference that the interval over finished runs does not see.
    fails_more = failures > failures[baseline]
    inside = (table["low"] >= -margin) & (table["high"] <= margin) & ~fails_more
    shown = pd.Series(tested(table["with_losses"], table["p_adjusted"]), table.index)
    cases = [
        (table["ok"] + failures == 0, NOT_RUN),
        (table.index == baseline, IS_BASELINE),
        (table["ok"] == 0, ALL_FAILED),
        (~(table["pairs"] > 0), NO_PAIRS),
        (identical, EQUIVALENT),
        (table["pairs"] <= few, DESCRIPTIVE_ONLY),
        (inside, EQUIVALENT),
        ((shown == BETTER) & fails_more, BETTER_BUT_FAILS),
        (shown == BETTER, BETTER),
        (shown == WORSE, WORSE),
        ((table["low"] > 0) & ~fails_more, LEANS_BETTER),
        (table["high"] < 0, LEANS_WORSE),
    ]
    return np.select([case for case, _ in cases], [word for _, word in cases], NOT_SHOWN).tolist()


def tested(difference: pd.Series, p_adjusted: pd.Series) -> list[str]:
    """BETTER or WORSE where the corrected test passed, else NOT_SHOWN.

    Args:
        difference: `with_losses`, whose sign the test is about.
        p_adjusted: of the test.

    >>> tested(pd.Series([0.1, -0.1, 0.1]), pd.Series([0.01, 0.01, 0.2]))
    ['better', 'worse', 'no difference shown']
    """
    sure = p_adjusted < 1 - LEVEL
    return np.select([sure & (difference > 0), sure], [BETTER, WORSE], NOT_SHOWN).tolist()
