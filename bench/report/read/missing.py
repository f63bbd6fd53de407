"""What a results folder lacks, in sentences: cells, seeds, single-task runs, pairs, budgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...text.words import enumerate_

if TYPE_CHECKING:
    from .study import Study


def notes(study: Study) -> list[str]:
    """Sentences on cells and seeds that are missing, on seeds that are no pairs, on budgets."""
    found, runs = [], study.runs
    there = runs[runs["shown"]].groupby(["label", "task"])["seed"].nunique()
    wanted = [(label, task) for label in study.labels for task in study.tasks]
    tuned = " in a tuned configuration" if study.budget else ""
    if absent := [f"{label} on {task}" for label, task in wanted if (label, task) not in there]:
        found.append(
            f"{len(absent)} of {len(wanted)} cells have not run{tuned}: {enumerate_(absent)}."
        )
    found += _budgets(study)
    seeds = {task: about["seeds"] for task, about in study.plan["tasks"].items()}
    short = [
        f"{row['label']} on {row['task']} ({row['seed']} of {seeds[row['task']]})"
        for _, row in there.reset_index().iterrows()
        if row["seed"] < seeds[row["task"]]
    ]
    if short:
        found.append(f"Not all seeds are there: {enumerate_(short)}.")
    if partial := _partial_single_task(study, seeds):
        found.append(
            f"Not all single-task runs finished: {enumerate_(partial)}. Delta-m and the retained "
            "share are means over the seeds where all did."
        )
    hashes = runs.dropna(subset=["pairing"]).groupby(["task", "seed"])["pairing"].nunique()
    if unpaired := sorted({task for task, _ in hashes[hashes > 1].index}):
        found.append(
            f"Initial weights or batches differ between strategies on {enumerate_(unpaired)}: "
            "there the seeds are no pairs, and the paired differences are less sure than they look."
        )
    empty = (runs["status"] == "ok") & runs["primary_metric"].isna() & runs["shown"]
    if empty.any():
        found.append(f"{empty.sum()} finished runs have no value of the primary metric.")
    return found


def _budgets(study: Study) -> list[str]:
    """Whether all strategies had the same number of tuning trials."""
    found, shown = [], study.runs[study.runs["shown"]]
    cells = shown.drop_duplicates(["label", "task"])
    odd = cells[cells["budget"] != study.budget]
    if len(odd):
        names = [f"{row['label']} on {row['task']} ({row['budget']})" for _, row in odd.iterrows()]
        found.append(
            f"Unequal budgets: {enumerate_(names)} had another number of tuning trials than the "
            f"{study.budget} of the rest. A strategy that was tuned longer is at an advantage."
        )
    if study.budget and study.untuned is None:
        found.append("No untuned runs are there: what tuning changed cannot be said.")
    return found


def _partial_single_task(study: Study, seeds: Mapping[str, int]) -> list[str]:
    """Heads whose single-task runs lack seeds that the runs of the task have."""
    table = study.single_task
    finished = table[table["status"] == "ok"].groupby(["task", "label"])["seed"].nunique()
    counts = finished.to_dict()
    return [
        f"{head} on {task} ({counts.get((task, label), 0)} of {seeds[task]} seeds)"
        for task, labels in study.single_task_labels.items()
        for head, label in labels.items()
        if counts.get((task, label), 0) < seeds[task]
    ]
