"""What tuning changed: verdicts before and after it, with the same seeds."""

from __future__ import annotations

import pandas as pd

from .compare import Comparison
from .verdicts import BETTER, BETTER_BUT_FAILS, IS_BASELINE, NOT_RUN, WORSE
from .words import count, enumerate_

_SIDES = {BETTER: "better", BETTER_BUT_FAILS: "better", WORSE: "worse"}


def changed(comparison: Comparison) -> pd.DataFrame:
    """Verdicts that differ: `label`, `task`, `before`, `after`; empty where nothing was tuned."""
    rows = []
    before = comparison.untuned
    for task, table in comparison.tasks.items() if before is not None else ():
        was = before.tasks[task]["verdict"].reindex(table.index)
        for label, verdict in table["verdict"].items():
            pair = (was[label], verdict)
            if pair[0] != pair[1] and not {NOT_RUN, IS_BASELINE} & {*pair} and pd.notna(pair[0]):
                rows.append((label, task, *pair))
    return pd.DataFrame(rows, columns=["label", "task", "before", "after"])


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
    # What crosses the line matters most: shown before and not after, or the other way round.
    sides = table[["before", "after"]].map(lambda verdict: _SIDES.get(verdict, ""))
    crossed = table[sides["before"] != sides["after"]]
    table = pd.concat([crossed, table.drop(crossed.index)])
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
