"""What a reader must know of a comparison before its verdicts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ...plan.baselines import BASELINE
from ...statistics.family import few
from ...statistics.intervals import LEVEL
from ...text.words import count, enumerate_
from ..read.study import Study


def notes(study: Study, baseline: str, tasks: Mapping[str, pd.DataFrame]) -> list[str]:
    """On the baseline, few seeds and variants, one sentence each.

    Args:
        tasks: task to its table, see `Comparison.tasks`.
    """
    told = []
    if baseline != BASELINE:
        how = " in a tuned configuration" if study.budget else ""
        told.append(
            f"{BASELINE} was not run{how}: differences are to {baseline}, the first strategy."
        )
    if idle := study.plan.get("idle"):
        told.append(f"{idle.removesuffix('.')}.")
    if study.plan.get("splits", 1) > 1:
        often = count(study.plan["splits"], "split")
        told.append(
            f"Tasks with small packaged data were run on {often} of them, each with tunings of its "
            "own: the intervals and tests are over splits and tunings, and count how they differ."
        )
    elif study.plan.get("tunings", 1) > 1:
        told.append(
            f"Every strategy was tuned {study.plan['tunings']} times, the seeds shared out among "
            "the tunings: the intervals and tests are over tunings, and count how they differ."
        )
    elif study.budget:
        told.append(
            "Every strategy was tuned once: the intervals are those of these configurations on "
            "other seeds, and leave out how tunings differ (`--tunings`)."
        )
    least = few(study.clustered)
    short = [task for task, table in tasks.items() if 0 < table["pairs"].max() <= least]
    if short:
        told.append(
            f"{least} {study.units} or fewer on {enumerate_(short)}: descriptive only; no test "
            f"can be expected to reach p < {1 - LEVEL:.2f} there."
        )
    for task, table in tasks.items():
        if not table.loc[baseline, "ok"]:
            told.append(f"{baseline} has no finished run on {task}: nothing to compare with.")
    lacking = study.runs[(study.runs["status"] == "ok") & (study.runs["reason"] != "")]
    for (task, reason), rows in lacking.groupby(["task", "reason"], sort=False):
        told.append(f"{count(len(rows), 'run')} on {task} finished with {reason}.")
    if len(study.variants) > 1:
        used = study.runs[study.runs["shown"]].drop_duplicates(["label", "task"])["variant"]
        counts = ", ".join(f"{variant}: {n}" for variant, n in used.value_counts().items())
        told.append(
            f"Cells ran in {len(study.variants)} variants; outcomes are of one per strategy and "
            f"task ({counts} cells), training times of each."
        )
    return told
