"""What tuning changed: verdicts before and after it, with the same seeds."""

from __future__ import annotations

import pandas as pd

from ...text.words import count, enumerate_
from .comparison import Comparison
from .verdicts import ALL_FAILED, BETTER, BETTER_BUT_FAILS, EQUIVALENT, IS_BASELINE, NOT_RUN, WORSE

# What counts as one verdict: the rest was not shown, before as after.
_SHOWN = {
    BETTER: BETTER,
    BETTER_BUT_FAILS: BETTER,
    WORSE: WORSE,
    EQUIVALENT: EQUIVALENT,
    ALL_FAILED: ALL_FAILED,
}


def changed(comparison: Comparison) -> pd.DataFrame:
    """Verdicts that differ in what was shown; empty where nothing was tuned.

    Returns:
        `label`, `task`, `before`, `after`; first what is or was better or worse.
    """
    rows = []
    before = comparison.untuned
    for task, table in comparison.tasks.items() if before is not None else ():
        was = before.tasks[task]["verdict"].reindex(table.index)
        for label, verdict in table["verdict"].items():
            pair = (was[label], verdict)
            if {NOT_RUN, IS_BASELINE} & {*pair} or pd.isna(pair[0]):
                continue
            if _SHOWN.get(pair[0]) != _SHOWN.get(pair[1]):
                rows.append((label, task, *pair))
    table = pd.DataFrame(rows, columns=["label", "task", "before", "after"])
    strong = table[["before", "after"]].isin([BETTER, BETTER_BUT_FAILS, WORSE]).any(axis=1)
    return pd.concat([table[strong], table[~strong]], ignore_index=True)


def sentence(comparison: Comparison) -> str:
    """What tuning changed, in words; empty where nothing was tuned or no untuned runs are there."""
    before = comparison.untuned
    if before is None:
        return ""
    table, baseline = changed(comparison), comparison.baseline
    total = sum(
        int((~of_task["verdict"].isin([NOT_RUN, IS_BASELINE])).sum())
        for of_task in comparison.tasks.values()
    )
    trials = count(comparison.study.budget, "trial")
    words = f"Tuning with {trials} per strategy and task changed {len(table)} of {total} verdicts"
    if table.empty:
        return f"{words}."
    names = [
        f"{row['label']} on {row['task']} ({row['before']} → {row['after']})"
        for _, row in table.iterrows()
    ]
    better = [_beating(each) for each in (before, comparison)]
    return (
        f"{words}: {enumerate_(names, most=4)}. Shown better than {baseline}: {better[0]} pairs "
        f"of strategy and task before, {better[1]} after."
    )


def _beating(comparison: Comparison) -> int:
    verdicts = pd.concat([table["verdict"] for table in comparison.tasks.values()])
    return int(verdicts.isin([BETTER, BETTER_BUT_FAILS]).sum())
