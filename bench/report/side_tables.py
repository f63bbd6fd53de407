"""Further tables for people: the leaderboard, tuning, the front, failures and cost."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from . import frontier
from .compare import Comparison
from .formats import MISSING, number, percent
from .study import Study
from .tables import MARKS, Cell, Table
from .together import together
from .verdicts import BETTER, WORSE

_TONES = {BETTER: "better", WORSE: "worse"}


def board_table(comparison: Comparison) -> Table | None:
    """The leaderboard, the best first; None without normalised scores."""
    board = comparison.board
    if board is None:
        return None
    before = comparison.untuned.board if comparison.untuned is not None else None
    second = comparison.second_board
    baseline, table = comparison.baseline, board.table.sort_values("iqm", ascending=False)
    verdicts = together(board)[0]["verdict"]
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


def tuning_table(comparison: Comparison, task: str) -> Table | None:
    """What tuning found on a task; None where it was not tuned."""
    table = comparison.tuning
    if task not in table.index.get_level_values("task"):
        return None
    table = table.xs(task, level="task").sort_values("best_score", ascending=False)
    columns = ["Strategy", "Best score, %", "Default, %", "Gain, points", "Learning rate"]
    columns += ["Good band", "Decades", "Failed trials", "Edge", "Own settings"]
    rows = []
    for label, row in table.iterrows():
        cells = [Cell(str(label), str(label))]
        cells += [
            Cell(number(100 * row[key], 1, signed=key == "gain"), row[key])
            for key in ("best_score", "default_score", "gain")
        ]
        cells.append(Cell(_rate(row["learning_rate"]), row["learning_rate"]))
        band = f"{_rate(row['band_low'])} to {_rate(row['band_high'])}"
        cells.append(Cell(band if math.isfinite(row["band_low"]) else MISSING, row["band_low"]))
        cells.append(Cell(number(row["band_decades"], 2), row["band_decades"]))
        failed = f"{round(row['diverged'] * row['trials'])} of {row['trials']}"
        cells.append(Cell(failed, row["diverged"], "", "failed" if row["diverged"] else ""))
        cells.append(Cell(row["edge"] or MISSING, row["edge"], "", "worse" if row["edge"] else ""))
        cells.append(Cell(row["settings"] or MISSING, row["settings"]))
        rows.append(cells)
    return Table(columns, rows)


def _rate(value: float) -> str:
    return f"{value:.2g}" if math.isfinite(value) else MISSING


def front_table(comparison: Comparison, task: str) -> Table | None:
    """How far each strategy lies beyond the static-weights curve; None without a curve."""
    table = comparison.fronts.get(task)
    if table is None:
        return None
    rows = []
    for label, row in table.sort_values("difference", ascending=False).iterrows():
        low, high = (number(100 * row[key], 1, signed=True) for key in ("low", "high"))
        tone = "better" if row["place"] == frontier.BEYOND else ""
        excess = number(100 * row["difference"], 1, signed=True)
        cells = [Cell(str(label), str(label)), Cell(f"{row['pairs']:.0f}", row["pairs"])]
        cells.append(Cell(excess, row["difference"], f"[{low}, {high}]"))
        rows.append([*cells, Cell(row["place"], row["place"], "", tone)])
    return Table(["Strategy", "Seeds", "Excess, % of the range", "Place"], rows)


def failure_table(study: Study) -> Table:
    """Who failed where: one row per (label, task, variant, status), all variants."""
    rows = []
    keys = ["label", "task", "variant"]
    size = study.runs.groupby(keys)["seed"].size()
    failed = study.runs[study.runs["status"] != "ok"]
    for (label, task, variant, status), group in failed.groupby([*keys, "status"], sort=False):
        steps = group["bad_step"].dropna()
        first = MISSING if steps.empty else f"{steps.min():.0f}"
        if not steps.empty and steps.max() > steps.min():
            first += f" to {steps.max():.0f}"
        reasons = group["reason"].astype(str).value_counts()
        reason = reasons.index[0] or MISSING
        if len(reasons) > 1:
            reason += f" (and {len(reasons) - 1} other reasons)"
        rows.append(
            [
                Cell(label, label),
                Cell(task, task),
                Cell(variant, variant),
                Cell(status, status),
                Cell(f"{len(group)} of {size[label, task, variant]}", len(group)),
                Cell(first, float(steps.min()) if len(steps) else ""),
                Cell(reason, reason),
            ]
        )
    columns = ["Strategy", "Task", "Variant", "Status", "Runs", "First bad step", "Reason"]
    return Table(columns, rows)


def cost_table(comparison: Comparison) -> Table:
    """What a strategy costs: passes, and its training time over that of the baseline."""
    study, times = comparison.study, comparison.times
    columns = ["Strategy", "Contract", "Cost of a step"]
    columns += [f"Time ratio, {variant}" for variant in study.variants]
    rows = []
    for label, row in comparison.overall.iterrows():
        texts = [row[key] if isinstance(row[key], str) else "" for key in ("contract", "cost")]
        cells = [Cell(str(label), str(label)), *(Cell(text, text) for text in texts)]
        for variant in study.variants:
            ratios = times.xs(label, level="label")[f"{variant} ratio"].dropna()
            mean = float(np.exp(np.log(ratios).mean())) if len(ratios) else math.nan
            spread = ""
            if len(ratios) > 1:
                spread = f"{ratios.min():.2f} to {ratios.max():.2f}"
            cells.append(Cell(number(mean, 2), mean, spread))
        rows.append(cells)
    return Table(columns, rows)
