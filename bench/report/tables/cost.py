"""What a step costs, as tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from ...plan.baselines import BASELINE
from ...text.numbers import MISSING, microseconds, number, percent
from ...timing.remarks import LOADED
from ..analysis.comparison import Comparison
from ..analysis.cost import CONDITIONS, conditions
from .exhibit import TableExhibit
from .table import Entry, Table

COLUMNS = (
    *("Strategy", "Over sum", "Over sum, XLA", "Step", "Step, XLA", "First call", "First, XLA"),
    *("XLA pays after", "Memory", "Memory, XLA", "Of plain products", "Note"),
)


def timed(comparison: Comparison) -> list[dict[str, str]]:
    """Where steps were timed: `task`, `device` and `precision`, fewest losses first."""
    times = comparison.step_times
    found = [] if times is None else conditions(times)
    return [dict(zip(CONDITIONS, each, strict=True)) for each in found]


def table(times: pd.DataFrame, where: Mapping[str, str]) -> Table:
    """One row per strategy, XLA off beside XLA on, the cheapest first.

    Args:
        where: `task`, `device` and `precision`.
    """
    chosen = times[(times[CONDITIONS] == [where[key] for key in CONDITIONS]).all(axis=1)]
    both = {xla: rows.set_index("label") for xla, rows in chosen.groupby("xla")}
    cost = chosen.assign(ratio=chosen["ratio"].fillna(math.inf)).groupby("label")["ratio"].min()
    rows = []
    for label in cost.sort_values(kind="stable").index:
        off, on = (_row(both.get(xla), label) for xla in ("off", "on"))
        rows.append(
            [
                Entry(str(label), str(label)),
                *(_ratio(row) for row in (off, on)),
                *(_value(row, "us", microseconds) for row in (off, on)),
                *(_first(row) for row in (off, on)),
                _break_even(on),
                *(_value(row, "memory_mb", lambda mb: f"{mb:.0f} MiB") for row in (off, on)),
                _share([row for row in (off, on) if row is not None]),
                _note(off, on),
            ]
        )
    return Table(list(COLUMNS), rows)


def _row(rows: pd.DataFrame | None, label: object) -> pd.Series | None:
    return None if rows is None or label not in rows.index else rows.loc[label]


def _ratio(row: pd.Series | None) -> Entry:
    if row is None:
        return Entry(MISSING)
    if row["status"] != "ok":
        return Entry(
            str(row["status"]), "", "", "failed" if row["status"] == "failed" else "missing"
        )
    known = math.isfinite(row["ratio_low"]) and row.name != BASELINE
    spread = f"[{row['ratio_low']:.2f}, {row['ratio_high']:.2f}]" if known else ""
    return Entry(number(row["ratio"], 2), row["ratio"], spread)


def _value(row: pd.Series | None, key: str, text: Callable[[float], str]) -> Entry:
    """A figure of one variant, or a dash."""
    if row is None or not math.isfinite(row[key]):
        return Entry(MISSING)
    return Entry(text(row[key]), row[key])


def _first(row: pd.Series | None) -> Entry:
    """What the first call costs: tracing and compiling."""
    if row is None or not math.isfinite(row["compile_s"]):
        return Entry(MISSING)
    total = row["trace_s"] + row["compile_s"]
    return Entry(f"{total:.2f} s", total, f"traced {row['trace_s']:.2f} s")


def _break_even(row: pd.Series | None) -> Entry:
    if row is None or math.isnan(row["break_even"]):
        return Entry(MISSING)
    if math.isinf(row["break_even"]):
        return Entry("never", math.inf)
    return Entry(f"{row['break_even']:.0f} steps", row["break_even"])


def _share(rows: Sequence[pd.Series]) -> Entry:
    """The better of the two variants; beside it, the share of a large product's rate."""
    known = [row for row in rows if math.isfinite(row["share"])]
    if not known:
        return Entry(MISSING)
    best = max(known, key=lambda row: row["share"])
    square = best["square_share"]
    detail = f"{percent(square)} of peak" if math.isfinite(square) else ""
    return Entry(percent(best["share"]), best["share"], detail)


def _note(off: pd.Series | None, on: pd.Series | None) -> Entry:
    """Reasons and warnings, but for the load (see `notes`); what both variants say stands once."""
    said: dict[str, list[str]] = {}
    for name, row in (("XLA off", off), ("XLA on", on)):
        if row is not None:
            for text in [*str(row["words"]).split("; "), str(row["reason"])]:
                if text and not text.startswith(LOADED):
                    said.setdefault(text, []).append(name)
    parts = [text if len(names) == 2 else f"{names[0]}: {text}" for text, names in said.items()]
    return Entry("; ".join(parts), "; ".join(parts))


COST = TableExhibit(
    name="cost-{task}-{device}-{precision}",
    make=lambda comparison, **where: table(comparison.step_times, where),
    place="cost",
    title="Time of a step",
    caption="Time of a compiled step over that of {baseline} in the same process, with the 95 % t "
    "interval over processes; a first call traces and compiles; XLA pays after so many steps; "
    "arithmetic rate over that of plain products of the same shapes.",
    each=timed,
)
