"""Who failed where, as a table."""

from __future__ import annotations

import pandas as pd

from ...text.numbers import MISSING
from ..analysis.comparison import Comparison
from .exhibit import TableExhibit
from .table import Entry, Table


def failure_table(comparison: Comparison) -> Table:
    """Who failed where: one row per (label, task, variant, status), all variants."""
    runs, rows = comparison.study.runs, []
    keys = ["label", "task", "variant"]
    size = runs.groupby(keys)["seed"].size()
    failed = runs[runs["status"] != "ok"]
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
                Entry(label, label),
                Entry(task, task),
                Entry(variant, variant),
                Entry(status, status),
                Entry(f"{len(group)} of {size[label, task, variant]}", len(group)),
                Entry(first, float(steps.min()) if len(steps) else ""),
                Entry(reason, reason),
            ]
        )
    columns = ["Strategy", "Task", "Variant", "Status", "Runs", "First bad step", "Reason"]
    return Table(columns, rows)


def frame(comparison: Comparison) -> pd.DataFrame:
    """One row per failed run."""
    runs = comparison.study.runs
    columns = ["label", "task", "seed", "variant", "status", "bad_step", "reason", "cell"]
    return runs.loc[runs["status"] != "ok", columns].set_index("label")


FAILURES = TableExhibit(
    name="failures",
    make=failure_table,
    frame=frame,
    place="failures",
    caption="Runs that diverged, crashed or failed, in every variant that ran.",
    empty="Every run finished.",
)
