"""Tables as files: CSV with all figures, Markdown and LaTeX for people."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..analysis.comparison import Comparison
from ..page import timed
from ..written import clear, file_name, remember
from . import latex
from .failures import failure_table
from .leaderboard import leaderboard_table
from .markdown import markdown
from .overall import overall_table
from .stability import stability_table
from .static_weights import front_table
from .table import Table
from .task import task_table
from .training_time import cost_table
from .tuning import tuning_table


def write(comparison: Comparison, directory: Path) -> list[Path]:
    """Writes all tables: as CSV with all figures, as Markdown and LaTeX as people read them."""
    clear(directory)
    paths = []
    for name, frame in frames(comparison).items():
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


def frames(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """What a program reads: all figures, in full precision."""
    runs = comparison.study.runs
    columns = ["label", "task", "seed", "variant", "status", "bad_step", "reason", "cell"]
    frames = {
        **comparison.tasks,
        "overall": comparison.overall,
        "time": comparison.times,
        "references": comparison.single_task,
        "failures": runs.loc[runs["status"] != "ok", columns].set_index("label"),
    }
    if comparison.leaderboard is not None:
        frames["leaderboard"] = comparison.leaderboard.table
    if len(comparison.tuning):
        frames["tuning"] = comparison.tuning
    if comparison.stability:
        frames["stability"] = pd.concat(comparison.stability, names=["task"])
    if comparison.conflict:
        frames["conflict"] = pd.concat(comparison.conflict, names=["task"])
    if comparison.untuned is not None:
        frames["changes"] = comparison.tuning_effect.set_index("label")
    if comparison.static_weights:
        frames["frontier"] = pd.concat(comparison.static_weights, names=["task"])
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
    if (board := leaderboard_table(comparison)) is not None:
        words = "Interquartile mean of the normalised score over all tasks with 95 % intervals."
        found["leaderboard"] = (board, words)
    found |= timed.tables(comparison)
    for task in study.tasks:
        if (table := stability_table(comparison, task)) is not None:
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
