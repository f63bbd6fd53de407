"""The leaderboard as a table."""

from __future__ import annotations

import math

import pandas as pd

from ...text.numbers import MISSING, number, percent, probability
from ..analysis import verdicts
from ..analysis.comparison import Comparison
from ..analysis.pooled import DIFFERENCE
from .entries import verdict
from .exhibit import TableExhibit
from .table import Entry, Table


def leaderboard_table(comparison: Comparison) -> Table | None:
    """The leaderboard, the best first; None without normalised scores."""
    leaderboard = comparison.leaderboard
    if leaderboard is None:
        return None
    before = comparison.untuned.leaderboard if comparison.untuned is not None else None
    second = comparison.second_leaderboard
    baseline, table = comparison.baseline, leaderboard.table.sort_values("mean", ascending=False)
    # A note that all rows share stands once, above the table.
    ranked, noted = not leaderboard.ranks.note, table["note"].nunique() > 1
    middle = table["iqm"].notna().any()
    columns = ["Strategy", "Score, %"]
    columns += ["Untuned, %"] if before else []
    columns += [f"Difference to {baseline}, points", "Worst task, points", "Without a task, points"]
    columns += ["Score, IQM, %"] if middle else []
    columns += [f"Difference to {second.baseline}, points"] if second else []
    columns += [f"P(beats {baseline})", "P(better)", "P(equal)", "P(worse)", "Failed"]
    columns += ["Mean rank"] if ranked else []
    columns += ["Over all tasks"] + (["Note"] if noted else [])
    rows = []
    for label, row in table.iterrows():
        name = str(label)
        entries = [Entry(name, name), _points(row, "mean", "low", "high")]
        if before:
            value = before.table["mean"].get(label, math.nan)
            entries.append(Entry(number(100 * value, 1), value))
        entries.append(_points(row, *DIFFERENCE))
        entries.append(_worst(row))
        entries.append(_range(row))
        if middle:
            entries.append(_points(row, "iqm", "iqm_low", "iqm_high"))
        if second:
            other = second.table.loc[label]
            entries.append(_points(other, *DIFFERENCE, tone=verdicts.tone(other["verdict"])))
        low, high = row["win_low"], row["win_high"]
        spread = f"[{100 * low:.0f}, {100 * high:.0f}] %" if math.isfinite(low) else ""
        entries.append(Entry(percent(row["win_share"]), row["win_share"], spread))
        names = ("p_better", "p_equal", "p_worse")
        entries += [Entry(percent(row[key]), row[key]) for key in names]
        failures, tone = int(row["failures"]), "failed" if row["failures"] else ""
        spread = f"[{100 * row['failure_low']:.0f}, {100 * row['failure_high']:.0f}] %"
        entries.append(Entry(f"{failures} of {int(row['runs'])}", failures, spread, tone))
        if ranked:
            entries.append(Entry(number(row["mean_rank"], 1), row["mean_rank"]))
        word = str(leaderboard.differences.at[label, "verdict"])
        entries.append(verdict(word, "baseline" if label == baseline else word or MISSING))
        if noted:
            entries.append(Entry(row["note"], row["note"]))
        rows.append(entries)
    return Table(columns, rows)


def _points(row: pd.Series, mean: str, low: str, high: str, tone: str = "") -> Entry:
    """A score or a difference of scores in hundredths, and its interval."""
    signed = mean not in ("mean", "iqm")
    texts = [number(100 * row[key], 1, signed=signed) for key in (mean, low, high)]
    spread = f"[{texts[1]}, {texts[2]}]" if math.isfinite(row[low]) else ""
    return Entry(texts[0], row[mean], spread, tone)


def _worst(row: pd.Series) -> Entry:
    """The task on which it does worst, and by how much."""
    if not math.isfinite(row["worst"]):
        return Entry(MISSING, math.nan)
    return Entry(number(100 * row["worst"], 1, signed=True), row["worst"], str(row["worst_task"]))


def _range(row: pd.Series) -> Entry:
    """The mean difference without one task: the lowest and the highest."""
    if not math.isfinite(row["without_low"]):
        return Entry(MISSING, math.nan)
    low, high = (number(100 * row[f"without_{end}"], 1, signed=True) for end in ("low", "high"))
    return Entry(f"{low} to {high}", row["without_low"])


def caption(comparison: Comparison) -> str:
    """What the leaderboard shows."""
    leaderboard, baseline = comparison.leaderboard, comparison.baseline
    if leaderboard is None:
        return ""
    words = (
        "Normalised score, mean over the tasks (those of a situation first) and seeds, failed runs "
        f"as 0, with 95 % intervals; the paired difference to {baseline} in points, its worst task "
        "(the lowest of several looks worse than it is) and what it would be without one task; "
        f"share of seeds on which a strategy beats {baseline}; probability of being practically "
        "better, equal or worse on a further task; failures with Wilson interval. Better and "
        "worse: t test of the mean, p < 0.05 after Holm over the strategies; mixed: better on some "
        "tasks and worse on others (tested on each)."
    )
    ranks, notes = leaderboard.ranks, leaderboard.table["note"]
    if ranks.note:
        words += f" No mean ranks: {ranks.note}."
    else:
        words += (
            f" Mean ranks less than {ranks.critical_difference:.1f} apart are no difference "
            f"(Nemenyi, all pairs; Friedman's test p {probability(ranks.p)})."
        )
    if notes.nunique() == 1 and notes.iloc[0]:
        words += f" {notes.iloc[0][0].upper()}{notes.iloc[0][1:]}."
    return words


def frame(comparison: Comparison) -> pd.DataFrame | None:
    """All numbers of the leaderboard, in the order of the plan."""
    return None if comparison.leaderboard is None else comparison.leaderboard.table


LEADERBOARD = TableExhibit(
    name="leaderboard", make=leaderboard_table, frame=frame, place="leaderboard", caption=caption
)
