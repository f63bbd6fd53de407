"""Entries that several tables share: verdicts, tested differences, scores."""

from __future__ import annotations

import math

import pandas as pd

from ...statistics.paired import LEVEL
from ...text.numbers import interval, number, probability
from ..analysis.verdicts import (
    BETTER,
    BETTER_BUT_FAILS,
    EQUIVALENT,
    LEANS_BETTER,
    LEANS_WORSE,
    WORSE,
)
from .table import Entry

PARTIAL = "†"
SCORES = {"delta_m": "Δm,\u00a0%", "normalized_score": "Retained, %"}
MARKS = {
    BETTER: "▲",
    BETTER_BUT_FAILS: "▲",
    WORSE: "▼",
    EQUIVALENT: "≈",
    LEANS_BETTER: "△",
    LEANS_WORSE: "▽",
}


def tested(row: pd.Series, prefix: str, places: int) -> Entry:
    """A difference with its interval and corrected p."""
    names = ("difference", "low", "high", "p_holm")
    values = pd.Series({name: row[f"{prefix} {name}"] for name in names})
    p = values["p_holm"]
    tone = ""
    if p < 1 - LEVEL:
        tone = "better" if values["difference"] > 0 else "worse"
    text = number(values["difference"], places, signed=True)
    detail = f"{interval(values, places)} p {probability(p)}" if math.isfinite(p) else ""
    return Entry(text, values["difference"], detail.strip(), tone)


def score_entry(score: str, mean: float, sd: float) -> Entry:
    """Delta-m, signed, or the retained share, both in percent."""
    delta = score == "delta_m"
    factor, places = (1, 1) if delta else (100, 0)
    spread = f"± {number(factor * sd, places)}" if math.isfinite(sd) else ""
    return Entry(number(factor * mean, places, signed=delta), mean, spread)


def verdict_tone(verdict: str) -> str:
    return {BETTER: "better", BETTER_BUT_FAILS: "better", WORSE: "worse"}.get(verdict, "")
