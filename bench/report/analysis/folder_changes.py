"""What has changed in each cell from one results folder to another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...statistics.intervals import t_intervals
from ...statistics.paired import holm, t_test
from ...text.words import count
from .verdicts import (
    BETTER,
    IDENTICAL,
    LEANS_BETTER,
    LEANS_WORSE,
    NO_PAIRS,
    NOT_SHOWN,
    WORSE,
    tested,
)

CELL = ("task", "label", "device", "xla", "precision", "budget")
CONDITIONS = ("steps", "batch_size", "optimizer", "learning_rate")
NO_VALUE = "no value"  # a run that finished without a finite primary metric
SAME, OTHER, UNKNOWN = "same", "other", "not known"


def changes(
    a: pd.DataFrame, b: pd.DataFrame, directions: Mapping[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs the runs of two folders by cell and seed, in the cells that both have.

    Args:
        a: runs of the first folder, one row per cell and seed.
        b: those of the second.
        directions: task to +1 where a higher primary metric is better, else -1; other tasks are
            left out.

    Returns:
        The differences, (seeds, cells): direction * (B - A) of the primary metric, NaN where not
        both finished. And a table, index `CELL`, of what needs no statistics; see
        `folders.FolderComparison.table`. `unit` is the value of its `scale`.
    """
    keys = [*CELL, "seed"]
    conditions = [name for name in a if name in b and _is_condition(name)]
    wanted = [*keys, "status", "primary_metric", "step_time_us", "pairing", *conditions]
    common = pd.merge(a[list(CELL)].drop_duplicates(), b[list(CELL)].drop_duplicates())
    common = common[common["task"].isin(directions)]
    a, b = (runs[wanted].merge(common) for runs in (a, b))
    pairs = a.merge(b, "outer", on=keys, suffixes=("_a", "_b"), indicator="side")
    cell = pairs.groupby(list(CELL), sort=False, dropna=False).ngroup()
    both = pairs["side"] == "both"
    status_a, status_b = _status(pairs, "a"), _status(pairs, "b")
    finished = (status_a == "ok") & (status_b == "ok")
    before, after = (pairs[f"primary_metric_{side}"].where(finished) for side in "ab")
    signed = pairs["task"].map(directions).astype(float) * (after - before)
    differences = pairs.assign(cell=cell, d=signed).pivot(index="seed", columns="cell", values="d")
    mean, sd = before.groupby(cell).mean(), before.groupby(cell).std().fillna(0)
    near_zero = mean.abs() <= sd  # then it has no percent
    time_a, time_b = (pairs[f"step_time_us_{side}"].groupby(cell).median() for side in "ab")
    texts = (status_a + " -> " + status_b)[both & (status_a != status_b)]
    table = {
        "mean_a": mean,
        "mean_b": after.groupby(cell).mean(),
        "scale": near_zero.map({True: "SD", False: "mean"}),
        "unit": mean.abs().mask(near_zero, sd),
        "time_ratio": time_b / time_a,
        "changed": _counted(texts, cell, "{n} {text}"),
        "new_failures": (both & (status_a == "ok") & (status_b != "ok")).groupby(cell).sum(),
        "numbers": _numbers(pairs, cell),
        "conditions": _conditions(pairs, cell, conditions),
        "unpaired": _unpaired(pairs["side"], cell),
    }
    texts = {"changed": "", "unpaired": "", "numbers": UNKNOWN}
    index = pd.MultiIndex.from_frame(pairs[list(CELL)].drop_duplicates())
    return differences, pd.DataFrame(table).fillna(texts).set_index(index)


def judged(differences: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Adds statistics and verdicts to the table of `changes`; the worst cell stands first."""
    statistics = t_intervals(differences).assign(p=t_test(differences)).set_index(table.index)
    table = statistics.join(table)
    table["p_holm"] = holm(table["p"])
    for column, key in (
        ("relative", "difference"),
        ("relative_low", "low"),
        ("relative_high", "high"),
    ):
        table[column] = 100 * ratio(table[key], table["unit"])
    table["verdict"] = _verdicts(table)
    order = {"new_failures": False, "relative": True}
    return table.drop(columns="unit").sort_values(
        list(order), ascending=list(order.values()), kind="stable", na_position="last"
    )


def _verdicts(table: pd.DataFrame) -> list[str]:
    shown = pd.Series(tested(table["difference"], table["p_holm"]), table.index)
    identical = (table["difference"] == 0) & (table["p"].isna() | (table["p"] == 1))
    identical &= table["low"].isna() | (table["low"] == 0)
    return np.select(
        [
            table["pairs"] == 0,
            identical,
            shown == BETTER,
            shown == WORSE,
            table["low"] > 0,
            table["high"] < 0,
        ],
        [NO_PAIRS, IDENTICAL, BETTER, WORSE, LEANS_BETTER, LEANS_WORSE],
        NOT_SHOWN,
    ).tolist()


def ratio(x: pd.Series, unit: pd.Series) -> pd.Series:
    """x / unit; a change of what did not vary is infinite, and no change of it is 0.

    >>> ratio(pd.Series([1.0, -2.0, 0.0]), pd.Series([4.0, 0.0, 0.0])).tolist()
    [0.25, -inf, 0.0]
    """
    return (x / unit).mask(x == 0, 0.0)


def _is_condition(column: str) -> bool:
    return column in CONDITIONS or column.startswith("hp/")


def _status(pairs: pd.DataFrame, side: str) -> pd.Series:
    status = pairs[f"status_{side}"]
    return status.mask((status == "ok") & pairs[f"primary_metric_{side}"].isna(), NO_VALUE)


def _numbers(pairs: pd.DataFrame, cell: pd.Series) -> pd.Series:
    """Whether the seeds of a cell started from the same random numbers; none where not known."""
    known = pairs["pairing_a"].notna() & pairs["pairing_b"].notna()
    agree = (pairs["pairing_a"] == pairs["pairing_b"])[known].groupby(cell[known]).all()
    return agree.map({True: SAME, False: OTHER}).astype(object)


def _conditions(pairs: pd.DataFrame, cell: pd.Series, names: list[str]) -> pd.Series:
    """Names of the conditions that differ on any seed, in one text per cell."""
    flags = pd.DataFrame(index=np.unique(cell))
    for name in names:
        x, y = pairs[f"{name}_a"], pairs[f"{name}_b"]
        flags[name.removeprefix("hp/")] = (x.notna() & y.notna() & (x != y)).groupby(cell).any()
    return pd.Series([", ".join(flags.columns[row]) for row in flags.to_numpy(bool)], flags.index)


def _unpaired(side: pd.Series, cell: pd.Series) -> pd.Series:
    names = {"left_only": "A", "right_only": "B"}
    lone = side[side != "both"].astype(str).map(names)
    return _counted(lone, cell, "{seeds} only in {text}")


def _counted(texts: pd.Series, cell: pd.Series, form: str) -> pd.Series:
    """How often each text occurs in a cell, most frequent first, in one text per cell."""
    counts = texts.groupby(cell[texts.index]).value_counts()
    parts = [
        (at, form.format(n=n, seeds=count(n, "seed"), text=text))
        for (at, text), n in counts.items()
    ]
    return pd.DataFrame(parts, columns=["cell", "part"]).groupby("cell")["part"].agg(", ".join)
