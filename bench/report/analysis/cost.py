"""What a step costs, from times.parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ...plan.baselines import BASELINE
from ...store import parquet_table
from ...store.schema import TIME_COLUMNS, TIMES
from ...text.numbers import percent
from ...timing.remarks import BUSY, repeatability

CONDITIONS = ["task", "device", "precision"]


def read(directory: Path) -> pd.DataFrame | None:
    """The times of a results folder; None when there are none, or none of this version."""
    try:
        times = parquet_table.read(directory / TIMES, TIME_COLUMNS)
    except (FileNotFoundError, parquet_table.TableError):
        return None
    return times if len(times) else None


def conditions(times: pd.DataFrame) -> list[tuple[str, str, str]]:
    """(task, device, precision) of each table, fewest losses first."""
    timed = times[times["status"] == "ok"]
    order = timed.groupby(CONDITIONS, as_index=False)["losses"].first()
    order = order.sort_values(["device", "precision", "losses", "task"])
    return list(order[CONDITIONS].itertuples(index=False, name=None))


def notes(times: pd.DataFrame) -> list[str]:
    """What holds for all tables, one sentence each."""
    told = []
    absent = times[times["status"] == "unavailable"]
    told += [_sentence(str(reason)) for reason in dict.fromkeys(absent["reason"])]
    timed = times[times["status"] == "ok"]
    loaded = timed[(timed["device"] == "cpu") & (timed["cpu_share"] < BUSY)]
    if len(loaded):
        least = percent(loaded["cpu_share"].min())
        told.append(
            f"The machine was loaded during {len(loaded)} of {len(timed)} timings: a process had "
            f"as little as {least} of its core."
        )
    if repeated := repeatability(times):
        told.append(_sentence(repeated))
    others = timed[(timed["label"] != BASELINE) & (timed["processes"] > 1)]
    unclear = others[others["spread"] > 100 * (others["ratio"] - 1).abs()]
    if len(unclear):
        told.append(
            f"{len(unclear)} of {len(others)} ratios can't be told from 1: the spread between "
            "processes is larger than the difference."
        )
    if timed["environment"].nunique() > len(timed[CONDITIONS].drop_duplicates()):
        told.append(
            "The times were measured in several runs: compare ratios, each is to the sum of its "
            "own process, rather than microseconds."
        )
    return told


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
