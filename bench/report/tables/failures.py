"""Who failed where, as a table."""

from __future__ import annotations

from ...text.numbers import MISSING
from ..read.study import Study
from .table import Cell, Table


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
