"""Verdicts that tuning changed."""

from __future__ import annotations

import pandas as pd

from ..analysis.comparison import Comparison
from .exhibit import TableExhibit


def frame(comparison: Comparison) -> pd.DataFrame | None:
    """One row per verdict that changed; None where there are no untuned runs to compare with."""
    return None if comparison.untuned is None else comparison.tuning_effect.set_index("label")


TUNING_EFFECT = TableExhibit(name="tuning_effect", frame=frame)
