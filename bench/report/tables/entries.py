"""Entries that several tables share: verdicts, tested differences, scores."""

from __future__ import annotations

import math

import pandas as pd

from ...text.numbers import interval, number, probability
from ..analysis import verdicts
from .table import Entry

PARTIAL = "†"
SCORES = {"delta_m": "Δm,\u00a0%", "normalized_score": "Retained, %"}


def verdict(word: str, text: str = "") -> Entry:
    """A verdict with its mark and colour; `text` is what it says in other words."""
    said = f"{verdicts.mark(word)}\u00a0{text or word}".strip()
    return Entry(said, text or word, "", verdicts.tone(word))


def tested(table: pd.DataFrame, prefix: str, places: int) -> dict[str, Entry]:
    """Label to its difference with the interval and the corrected p."""
    names = ["difference", "low", "high", "with_losses", "p_adjusted"]
    chosen = table[[f"{prefix} {name}" for name in names]].set_axis(names, axis=1)
    words = verdicts.tested(chosen["with_losses"], chosen["p_adjusted"])
    found = {}
    for word, (label, row) in zip(words, chosen.iterrows(), strict=True):
        p, difference = row["p_adjusted"], row["difference"]
        detail = f"{interval(row, places)} p {probability(p)}" if math.isfinite(p) else ""
        text = number(difference, places, signed=True)
        found[str(label)] = Entry(text, difference, detail.strip(), verdicts.tone(word))
    return found


def score(name: str, mean: float, sd: float = math.nan) -> Entry:
    """Delta-m, signed, or the retained share, both in percent."""
    delta = name == "delta_m"
    factor, places = (1, 1) if delta else (100, 0)
    spread = f"± {number(factor * sd, places)}" if math.isfinite(sd) else ""
    return Entry(number(factor * mean, places, signed=delta), mean, spread)
