"""What tuning changed: verdicts before and after it, with the same seeds."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from .verdicts import ALL_FAILED, BETTER, EQUIVALENT, IS_BASELINE, NOT_RUN, SHOWN_BETTER, WORSE

# What counts as one verdict: the rest was not shown, before as after.
_SHOWN = dict.fromkeys(SHOWN_BETTER, BETTER) | {v: v for v in (WORSE, EQUIVALENT, ALL_FAILED)}


def changed(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Verdicts that differ in what was shown.

    Args:
        before: task to its table (see `Comparison.tasks`) untuned.
        after: the same tuned.

    Returns:
        `label`, `task`, `before`, `after`; first what is or was better or worse.
    """
    rows = []
    for task, table in after.items():
        was = before[task]["verdict"].reindex(table.index)
        for label, verdict in table["verdict"].items():
            pair = (was[label], verdict)
            if {NOT_RUN, IS_BASELINE} & {*pair} or pd.isna(pair[0]):
                continue
            if _SHOWN.get(pair[0]) != _SHOWN.get(pair[1]):
                rows.append((label, task, *pair))
    table = pd.DataFrame(rows, columns=["label", "task", "before", "after"])
    strong = table[["before", "after"]].isin([*SHOWN_BETTER, WORSE]).any(axis=1)
    return pd.concat([table[strong], table[~strong]], ignore_index=True)
