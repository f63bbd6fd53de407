"""What a reader of timings must know: load, spread between processes, repeatability; in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from scipy import stats

from ..plan.baselines import BASELINE
from ..statistics.intervals import LEVEL
from ..text.words import count

LOADED = "the machine was loaded"
BUSY = 0.95  # a process that gets less of its core than this was disturbed
UNCLEAR = "larger than the difference"


def words(row: dict[str, Any], remarks: Sequence[str] = ()) -> str:
    """What a reader must know about a row, or ""."""
    said = list(dict.fromkeys(remarks))
    if row["label"] != BASELINE:
        difference = 100 * abs(row["ratio"] - 1)
        if row["processes"] < 2:
            said.append("one process: no interval")
        elif row["spread"] > difference:
            said.append(
                f"the spread between processes (±{row['spread']:.1f} %) is {UNCLEAR} "
                f"to {BASELINE} ({difference:.1f} %)"
            )
    if row["device"] == "cpu" and row["cpu_share"] < BUSY:
        said.append(f"{LOADED}: a process had {100 * row['cpu_share']:.0f} % of its core")
    return "; ".join(said)


def repeatability(table: pd.DataFrame) -> str:
    """How far ratios of the same strategy lie apart between processes, in one line, or "".

    Of two runs of n processes each, the ratios of a strategy differ by less than 1.96 * sqrt(2 / n)
    * SD in 95 of 100 cases; SD is that of the logarithms, pooled over strategies.
    """
    told = table[(table["status"] == "ok") & (table["processes"] > 1)]
    told = told[told["label"] != BASELINE]
    if told.empty:
        return ""
    worst = told.loc[told["spread"].idxmax()]
    pooled = math.sqrt((told["ratio_sd"] ** 2).mean())
    z = stats.norm.ppf(0.5 + LEVEL / 2)
    expected = 100 * z * pooled * math.sqrt(2 / told["processes"].min())
    return (
        f"repeatability: ratios of {told['processes'].min():.0f} processes lie within "
        f"±{told['spread'].median():.1f} % (median), ±{worst['spread']:.1f} % (worst: "
        f"{worst['label']} on {worst['task']}, XLA {worst['xla']}); "
        f"two such runs should agree within {expected:.1f} %"
    )


def summary(rows: pd.DataFrame) -> list[str]:
    """What must be known of all rows together, in lines: load, what is unclear, repeatability."""
    lines = []
    disturbed = rows[rows["words"].str.contains(LOADED)]
    if len(disturbed):
        share = 100 * disturbed["cpu_share"].min()
        lines.append(
            f"{LOADED}: a process had {share:.0f} % of its core; time again when it is quiet"
        )
    unclear = rows["words"].str.contains(UNCLEAR).sum()
    if unclear:
        lines.append(
            f"{count(unclear, 'ratio')} can't be told from 1: the spread between processes is "
            f"{UNCLEAR}"
        )
    told = repeatability(rows)
    return [*lines, told] if told else lines
