"""Numbers as people read them: three significant digits, signs where they matter."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

MISSING = "-"


def decimals(values: Iterable[float]) -> int:
    """Decimals that show about three significant digits of the typical value.

    >>> decimals([0.93, 0.88]), decimals([12.3]), decimals([0.0123])
    (3, 1, 4)
    """
    sizes = np.abs([value for value in values if value and math.isfinite(value)])
    if not len(sizes):
        return 2
    return int(np.clip(2 - math.floor(math.log10(np.median(sizes))), 0, 6))


def number(value: float | None, places: int, signed: bool = False) -> str:
    """A number with so many decimals; a dash for NaN; scientific from a million on.

    >>> number(0.12345, 3, signed=True), number(float("nan"), 3)
    ('+0.123', '-')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    kind = ".2e" if abs(value) >= 1e6 else f".{places}f"
    text = format(value, f"+{kind}" if signed else kind)
    return text if float(text) or not signed else text.lstrip("+-")


def interval(row: pd.Series, places: int) -> str:
    """ "[low, high]", empty when there is none."""
    if not math.isfinite(row["low"]):
        return ""
    low, high = (number(row[key], places, signed=True) for key in ("low", "high"))
    return f"[{low}, {high}]"


def probability(p: float) -> str:
    """A p value: two digits, and no smaller than .001."""
    return MISSING if not math.isfinite(p) else ("< .001" if p < 0.001 else f"{p:.2g}")


def percent(share: float) -> str:
    return f"{100 * share:.0f} %" if math.isfinite(share) else MISSING


def microseconds(us: float) -> str:
    if not math.isfinite(us):
        return MISSING
    return f"{us / 1000:.3g} ms" if us >= 1000 else f"{us:.3g} µs"
