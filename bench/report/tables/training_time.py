"""The time of the training runs, as a table."""

from __future__ import annotations

import math

import numpy as np

from ...text.numbers import number
from ..analysis.comparison import Comparison
from .exhibit import TableExhibit
from .table import Entry, Table


def training_time_table(comparison: Comparison) -> Table:
    """What a strategy costs: passes, and its training time over that of the baseline."""
    study, times = comparison.study, comparison.times
    columns = ["Strategy", "Contract", "Cost of a step"]
    columns += [f"Time ratio, {variant}" for variant in study.variants]
    rows = []
    for label, row in comparison.overall.iterrows():
        texts = [row[key] if isinstance(row[key], str) else "" for key in ("contract", "cost")]
        entries = [Entry(str(label), str(label)), *(Entry(text, text) for text in texts)]
        for variant in study.variants:
            ratios = times.xs(label, level="label")[f"{variant} ratio"].dropna()
            mean = float(np.exp(np.log(ratios).mean())) if len(ratios) else math.nan
            spread = ""
            if len(ratios) > 1:
                spread = f"{ratios.min():.2f} to {ratios.max():.2f}"
            entries.append(Entry(number(mean, 2), mean, spread))
        rows.append(entries)
    return Table(columns, rows)


TRAINING_TIME = TableExhibit(
    name="training_time",
    make=training_time_table,
    frame=lambda comparison: comparison.times,
    place="cost",
    caption="Training times over that of {baseline} on the same task (geometric mean over the "
    "tasks, and their range). They come from the training runs themselves: good for orders of "
    "magnitude; small differences mean nothing.",
)
