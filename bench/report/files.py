"""Tables as files: CSV with all figures, Markdown and LaTeX for people."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from . import conflict, latex, stability, timed
from .alone import single_task
from .compare import Comparison
from .side_tables import board_table, cost_table, failure_table, front_table, tuning_table
from .tables import Table, overall_table, task_table
from .tuning_effect import changed

WRITTEN = ".written"


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
    """Writes all tables: as CSV with all figures, as Markdown and LaTeX as people read them."""
    clear(directory)
    paths = []
    for name, frame in _frames(comparison).items():
        paths.append(directory / f"{file_name(name)}.csv")
        frame.to_csv(paths[-1])
    for name, (table, caption) in readable(comparison).items():
        stem = file_name(name)
        texts = {".md": markdown(table), ".tex": latex.table(table, caption, f"tab:{stem}")}
        for suffix, text in texts.items():
            paths.append(directory / f"{stem}{suffix}")
            paths[-1].write_text(text, encoding="utf-8")
    remember(directory, paths)
    return paths


def _frames(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """What a program reads: all figures, in full precision."""
    runs = comparison.study.runs
    columns = ["label", "task", "seed", "variant", "status", "bad_step", "reason", "cell"]
    frames = {
        **comparison.tasks,
        "overall": comparison.overall,
        "time": comparison.times,
        "references": single_task(comparison.study),
        "failures": runs.loc[runs["status"] != "ok", columns].set_index("label"),
    }
    if comparison.board is not None:
        frames["leaderboard"] = comparison.board.table
    if len(comparison.tuning):
        frames["tuning"] = comparison.tuning
    steady = {task: stability.summary(comparison.study, task) for task in comparison.study.tasks}
    steady = {task: table for task, table in steady.items() if table is not None}
    if steady:
        frames["stability"] = pd.concat(steady, names=["task"])
    pairs = {task: conflict.summary(comparison.study, task) for task in comparison.study.tasks}
    pairs = {task: table for task, table in pairs.items() if table is not None}
    if pairs:
        frames["conflict"] = pd.concat(pairs, names=["task"])
    if comparison.untuned is not None:
        frames["changes"] = changed(comparison).set_index("label")
    if comparison.fronts:
        frames["frontier"] = pd.concat(comparison.fronts, names=["task"])
    return frames


def readable(comparison: Comparison) -> dict[str, tuple[Table, str]]:
    """What people read: name of the file to the table and its caption."""
    study, baseline = comparison.study, comparison.baseline
    found = {
        task: (
            task_table(comparison, task),
            f"{task}: mean and SD over seeds, paired difference to {baseline} with its 95 % "
            "interval, p after Holm's correction.",
        )
        for task in study.tasks
    }
    found["overall"] = (
        overall_table(comparison),
        f"Mean of the primary metric and paired difference to {baseline}, by task.",
    )
    found["time"] = (cost_table(comparison), f"Training time over that of {baseline}.")
    found["failures"] = (failure_table(study), "Runs that did not finish.")
    if (board := board_table(comparison)) is not None:
        words = "Interquartile mean of the normalised score over all tasks with 95 % intervals."
        found["leaderboard"] = (board, words)
    found |= timed.tables(comparison)
    for task in study.tasks:
        if (table := stability.stability_table(comparison, task)) is not None:
            words = f"{task}: failures, spread over seeds, restlessness and gradients of the runs."
            found[f"{task}-stability"] = (table, words)
        if (table := tuning_table(comparison, task)) is not None:
            found[f"{task}-tuning"] = (table, f"{task}: what {study.budget} tuning trials found.")
        if (table := front_table(comparison, task)) is not None:
            words = (
                f"{task}: excess over the curve of constant weights, by seed, with 95 % interval."
            )
            found[f"{task}-frontier"] = (table, words)
    return found


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
