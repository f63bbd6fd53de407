"""The tables for people: cells with a text and a value to sort by; as Markdown and as CSV."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from .alone import single_task
from .compare import Comparison
from .formats import MISSING, decimals, interval, microseconds, number, percent, probability
from .study import STATUSES, Study
from .verdicts import (
    BETTER,
    BETTER_BUT_FAILS,
    LEANS_BETTER,
    LEANS_WORSE,
    NOT_RUN,
    WORSE,
)

PARTIAL = "†"
SCORES = {"delta_m": "Δm,\u00a0%", "normalized_score": "Retained, %"}
WRITTEN = ".written"
MARKS = {BETTER: "▲", BETTER_BUT_FAILS: "▲", WORSE: "▼", LEANS_BETTER: "△", LEANS_WORSE: "▽"}


class Cell(NamedTuple):
    """One cell: what it says, what it sorts by, a second line, and a tone for its colour."""

    text: str
    sort: float | str = ""
    detail: str = ""
    tone: str = ""


class Table(NamedTuple):
    """A table to render: the first column names the row."""

    columns: list[str]
    rows: list[list[Cell]]


def runs_text(row: pd.Series) -> str:
    """ "8 ok, 2 diverged"."""
    parts = [f"{row[status]} {status}" for status in STATUSES if row[status]]
    return ", ".join(parts) or NOT_RUN


def task_table(comparison: Comparison, task: str) -> Table:
    """The table of one task for people."""
    study, table = comparison.study, comparison.tasks[task]
    primary, times = study.primary(task), comparison.times.loc[task]
    places = decimals(table[f"{primary} mean"])
    names = [name for name in study.metrics(task) if f"{name} mean" in table]
    several = len(study.variants) > 1
    columns = ["Strategy", "Runs", *(f"{name} {_direction(study, task, name)}" for name in names)]
    columns += [f"Difference to {comparison.baseline}", "p (Holm)", "Wins"]
    columns += ["With failures"] if "with_failures" in table else []
    columns += [name for score, name in SCORES.items() if f"{score} mean" in table]
    columns += [f"Time, {variant}" if several else "Time" for variant in study.variants]
    columns += ["Verdict"]
    rows = []
    for label, row in table.iterrows():
        cells = [Cell(str(label), str(label))]
        cells.append(Cell(runs_text(row), row["failures"], "", _tone(row)))
        for name in names:
            of_metric = decimals(table[f"{name} mean"])
            mean, sd = row[f"{name} mean"], row[f"{name} sd"]
            spread = f"± {number(sd, of_metric)}" if math.isfinite(sd) else ""
            cells.append(Cell(number(mean, of_metric), mean, spread))
        cells += [
            Cell(
                number(row["difference"], places, signed=True),
                row["difference"],
                interval(row, places),
            ),
            Cell(probability(row["p_holm"]), row["p_holm"]),
            Cell(percent(row["win_share"]), row["win_share"]),
        ]
        if "with_failures" in table:
            cells.append(Cell(number(row["with_failures"], places), row["with_failures"]))
        for score in SCORES:
            if f"{score} mean" in table:
                cells.append(_score(score, row[f"{score} mean"], row[f"{score} sd"]))
        for variant in study.variants:
            us, ratio = times.loc[label, f"{variant} us"], times.loc[label, f"{variant} ratio"]
            cells.append(
                Cell(microseconds(us), us, f"{ratio:.2f} times" if math.isfinite(ratio) else "")
            )
        verdict = f"{MARKS.get(row['verdict'], '')} {row['verdict']}".strip()
        cells.append(Cell(verdict, row["verdict"], "", _verdict_tone(row["verdict"])))
        rows.append(cells)
    return Table(columns, rows)


def _score(score: str, mean: float, sd: float) -> Cell:
    """Delta-m, signed, or the retained share, both in percent."""
    delta = score == "delta_m"
    factor, places = (1, 1) if delta else (100, 0)
    spread = f"± {number(factor * sd, places)}" if math.isfinite(sd) else ""
    return Cell(number(factor * mean, places, signed=delta), mean, spread)


def overall_table(comparison: Comparison, delta_m: bool = True) -> Table:
    """One row per strategy, one column per task (and its delta-m), then failures and cost."""
    study, overall = comparison.study, comparison.overall
    scored = [task for task in study.tasks if delta_m and f"{task} delta_m" in overall]
    columns = ["Strategy"]
    for task in study.tasks:
        columns += [task, SCORES["delta_m"]] if task in scored else [task]
    columns += ["Failed", "Cost"]
    places = {task: decimals(overall[f"{task} mean"]) for task in study.tasks}
    rows = []
    for label, row in overall.iterrows():
        cells = [Cell(str(label), str(label))]
        for task in study.tasks:
            mean, difference = row[f"{task} mean"], row[f"{task} difference"]
            verdict = row[f"{task} verdict"]
            if math.isfinite(mean):
                mark = MARKS.get(verdict, "")
                change = number(difference, places[task], signed=True)
                detail = "" if change == MISSING else f"{change} {mark}".strip()
                # Runs that failed are not in the mean: the mark says so.
                partial = PARTIAL if comparison.tasks[task].loc[label, "failures"] else ""
                text = number(mean, places[task]) + partial
                cells.append(Cell(text, mean, detail, _verdict_tone(verdict)))
            else:
                cells.append(Cell(verdict, "", "", "failed" if verdict != NOT_RUN else "missing"))
            if task in scored:
                cells.append(_score("delta_m", row[f"{task} delta_m"], math.nan))
        failures = int(row["failures"])
        text = f"{failures} of {int(row['runs'])}"
        cells.append(Cell(text, failures, "", "failed" if failures else ""))
        cells.append(Cell(row["cost"] if isinstance(row["cost"], str) else "", str(row["cost"])))
        rows.append(cells)
    return Table(columns, rows)


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


def markdown(table: Table) -> str:
    """A table in Markdown; a second line of a cell stands behind the first."""
    lines = [_line(table.columns), _line("---" for _ in table.columns)]
    lines += [_line(f"{cell.text} {cell.detail}".strip() for cell in row) for row in table.rows]
    return "\n".join(lines) + "\n"


def _line(texts: Iterable[str]) -> str:
    escaped = (
        text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")
        for text in texts
    )
    return f"| {' | '.join(escaped)} |"


def write(comparison: Comparison, directory: Path) -> list[Path]:
    """Writes overall, task, time and failure tables as CSV (all figures) and Markdown."""
    clear(directory)
    tasks = comparison.study.tasks
    frames = {task: comparison.tasks[task] for task in tasks}
    frames |= {"overall": comparison.overall, "time": comparison.times}
    frames["references"] = single_task(comparison.study)
    texts = {task: task_table(comparison, task) for task in tasks}
    texts |= {"overall": overall_table(comparison), "time": cost_table(comparison)}
    texts["failures"] = failure_table(comparison.study)
    failed = comparison.study.runs["status"] != "ok"
    columns = ["label", "task", "seed", "variant", "status", "bad_step", "reason", "cell"]
    paths = []
    for name, frame in frames.items():
        paths.append(directory / f"{file_name(name)}.csv")
        frame.to_csv(paths[-1])
    paths.append(directory / "failures.csv")
    comparison.study.runs.loc[failed, columns].to_csv(paths[-1], index=False)
    for name, table in texts.items():
        paths.append(directory / f"{file_name(name)}.md")
        paths[-1].write_text(markdown(table), encoding="utf-8")
    remember(directory, paths)
    return paths


def clear(directory: Path) -> None:
    """Makes the folder, and removes what an earlier report wrote there and nothing else."""
    directory.mkdir(parents=True, exist_ok=True)
    written = directory / WRITTEN
    if written.is_file():
        for name in written.read_text(encoding="utf-8").splitlines():
            (directory / Path(name).name).unlink(missing_ok=True)


def remember(directory: Path, paths: Iterable[Path]) -> None:
    """Notes what was written, so that a later report with fewer tasks leaves nothing stale."""
    names = sorted(path.name for path in paths)
    (directory / WRITTEN).write_text("\n".join(names) + "\n", encoding="utf-8")


def file_name(task: str) -> str:
    """A task's name as a file name: a plug-in's name may hold slashes and colons."""
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in task)


def _direction(study: Study, task: str, metric: str) -> str:
    return "(max)" if study.metrics(task)[metric]["higher_is_better"] else "(min)"


def _tone(row: pd.Series) -> str:
    if row["verdict"] == NOT_RUN:
        return "missing"
    return "failed" if row["failures"] else ""


def _verdict_tone(verdict: str) -> str:
    return {BETTER: "better", BETTER_BUT_FAILS: "better", WORSE: "worse"}.get(verdict, "")
