"""The leaderboard as a table."""

from __future__ import annotations

import math

import pandas as pd

from ...text.numbers import MISSING, number, percent
from ..analysis.comparison import Comparison
from ..analysis.verdicts import BETTER, WORSE
from .entries import MARKS
from .table import Cell, Table

_TONES = {BETTER: "better", WORSE: "worse"}


def leaderboard_table(comparison: Comparison) -> Table | None:
    """The leaderboard, the best first; None without normalised scores."""
    board = comparison.leaderboard
    if board is None:
        return None
    before = comparison.untuned.leaderboard if comparison.untuned is not None else None
    second = comparison.second_leaderboard
    baseline, table = comparison.baseline, board.table.sort_values("iqm", ascending=False)
    verdicts = board.differences["verdict"]
    # A note that all rows share stands once, above the table.
    ranked, noted = not board.ranks.note, table["note"].nunique() > 1
    columns = ["Strategy", "Score, IQM, %"]
    columns += ["Untuned, %"] if before else []
    columns += [f"Difference to {baseline}, points", "Mean difference, points"]
    columns += [f"Difference to {second.baseline}, points"] if second else []
    columns += [f"P(beats {baseline})", "P(better)", "P(equal)", "P(worse)", "Failed"]
    columns += ["Mean rank"] if ranked else []
    columns += ["Over all tasks"] + (["Note"] if noted else [])
    rows = []
    for label, row in table.iterrows():
        name = str(label)
        cells = [Cell(name, name), _points(row, "iqm", "low", "high")]
        if before:
            value = before.table["iqm"].get(label, math.nan)
            cells.append(Cell(number(100 * value, 1), value))
        keys = ("difference", "difference_low", "difference_high")
        cells.append(_points(row, *keys))
        cells.append(_points(row, "mean_difference", "mean_low", "mean_high"))
        if second:
            other = second.table.loc[label]
            cells.append(_points(other, *keys, tone=_TONES.get(other["verdict"], "")))
        low, high = row["win_low"], row["win_high"]
        spread = f"[{100 * low:.0f}, {100 * high:.0f}] %" if math.isfinite(low) else ""
        cells.append(Cell(percent(row["win_share"]), row["win_share"], spread))
        names = ("p_better", "p_equal", "p_worse")
        cells += [Cell(percent(row[key]), row[key]) for key in names]
        failures, tone = int(row["failures"]), "failed" if row["failures"] else ""
        spread = f"[{100 * row['failure_low']:.0f}, {100 * row['failure_high']:.0f}] %"
        cells.append(Cell(f"{failures} of {int(row['runs'])}", failures, spread, tone))
        if ranked:
            cells.append(Cell(number(row["mean_rank"], 1), row["mean_rank"]))
        verdict = verdicts[label]
        words = "baseline" if label == baseline else verdict or MISSING
        mark = MARKS.get(verdict, "")
        cells.append(Cell(f"{mark}\u00a0{words}".strip(), words, "", _TONES.get(verdict, "")))
        if noted:
            cells.append(Cell(row["note"], row["note"]))
        rows.append(cells)
    return Table(columns, rows)


def _points(row: pd.Series, mean: str, low: str, high: str, tone: str = "") -> Cell:
    """A score or a difference of scores in hundredths, and its interval."""
    signed = mean != "iqm"
    texts = [number(100 * row[key], 1, signed=signed) for key in (mean, low, high)]
    spread = f"[{texts[1]}, {texts[2]}]" if math.isfinite(row[low]) else ""
    return Cell(texts[0], row[mean], spread, tone)
