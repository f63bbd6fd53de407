"""What a step costs, from times.parquet: tables, what to know of them, cost against quality."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from ..timing.analysis import BUSY, LOADED, repeatability
from ..timing.block import BASELINE
from .compare import Comparison
from .drawing import OTHER, canvas, handle, highlights, legend_below, point, short
from .formats import MISSING, microseconds, number, percent
from .tables import Cell, Table

NAME = "times.parquet"
NEEDED = (
    *("label", "task", "device", "xla", "precision", "status", "reason", "words", "losses"),
    *("us", "ratio", "ratio_low", "ratio_high", "ratio_sd", "spread", "processes", "trace_s"),
    *("compile_s", "break_even", "memory_mb", "share", "square_share", "cpu_share"),
    "environment",
)
SETTING = ["task", "device", "precision"]
COLUMNS = (
    *("Strategy", "Over sum", "Over sum, XLA", "Step", "Step, XLA", "First call", "First, XLA"),
    *("XLA pays after", "Memory", "Memory, XLA", "Of plain products", "Note"),
)


def read(directory: Path) -> pd.DataFrame | None:
    """The times of a results folder; None when there are none, or of another shape."""
    try:
        times = pd.read_parquet(directory / NAME)
    except (OSError, ValueError):
        return None
    return times if len(times) and set(NEEDED) <= set(times.columns) else None


def settings(times: pd.DataFrame) -> list[tuple[str, str, str]]:
    """(task, device, precision) of each table, fewest losses first."""
    timed = times[times["status"] == "ok"]
    order = timed.groupby(SETTING, as_index=False)["losses"].first()
    order = order.sort_values(["device", "precision", "losses", "task"])
    return list(order[SETTING].itertuples(index=False, name=None))


def tables(times: pd.DataFrame) -> dict[str, tuple[Table, str]]:
    """Name of a file to the table of a setting and its caption."""
    return {
        f"cost-{task}-{device}-{precision}": (
            table(times, (task, device, precision)),
            f"{task} on {device}, {precision}: time of a compiled step over that of {BASELINE} in "
            "the same process, with the 95 % t interval over processes; a first call traces and "
            "compiles; XLA pays after so many steps; arithmetic rate over that of plain products "
            "of the same shapes.",
        )
        for task, device, precision in settings(times)
    }


def table(times: pd.DataFrame, setting: tuple[str, str, str]) -> Table:
    """One row per strategy, XLA off beside XLA on, the cheapest first."""
    chosen = times[(times[SETTING] == list(setting)).all(axis=1)]
    both = {xla: rows.set_index("label") for xla, rows in chosen.groupby("xla")}
    cost = chosen.assign(ratio=chosen["ratio"].fillna(math.inf)).groupby("label")["ratio"].min()
    rows = []
    for label in cost.sort_values(kind="stable").index:
        off, on = (_row(both.get(xla), label) for xla in ("off", "on"))
        rows.append(
            [
                Cell(str(label), str(label)),
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
    if timed["environment"].nunique() > len(timed[SETTING].drop_duplicates()):
        told.append(
            "The times were measured in several runs: compare ratios, each is to the sum of its "
            "own process, rather than microseconds."
        )
    return told


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def cost_against_quality(comparison: Comparison, times: pd.DataFrame) -> Figure | None:
    """The leaderboard's score, or the primary difference, against the time of a step over `sum`.

    The time is that of the problem with the fewest losses, with XLA as in most runs of the study.
    None when fewer than two strategies have both.
    """
    first = settings(times)[:1]
    if not first:
        return None
    xla = "on" if comparison.study.variants[0].endswith("on") else "off"
    chosen = times[(times[SETTING] == list(first[0])).all(axis=1)]
    chosen = chosen[(chosen["xla"] == xla) & (chosen["status"] == "ok")].set_index("label")
    quality, name = _quality(comparison)
    joined = chosen.join(quality, how="inner").dropna(subset=["ratio", "quality"])
    if len(joined) < 2:
        return None
    marks = highlights(comparison)
    figure, axes = canvas(height=3.8)
    axes.axvline(1, color=OTHER.colour, lw=0.8)
    for label, row in joined.iterrows():
        arms = (
            _arms(row["ratio"], row["ratio_low"], row["ratio_high"]),
            _arms(row["quality"], row["low"], row["high"]),
        )
        point(axes, (row["ratio"], row["quality"]), arms, marks.get(str(label), OTHER))
    # An interval from few processes may be wider than everything else: the points set the window.
    low, high = joined["ratio"].min(), joined["ratio"].max()
    margin = 0.08 * max(high - low, 0.2)
    axes.set_xlim(low - margin, high + margin)
    task, device, precision = first[0]
    axes.set_xlabel(f"Time of a step over {BASELINE} ({task}, {device}, {precision}, XLA {xla})")
    axes.set_ylabel(name)
    axes.set_title("Quality against the cost of a step, 95 % intervals")
    handles = [handle(short(label), mark) for label, mark in marks.items() if label in joined.index]
    if len(handles) < len(joined):
        handles.append(handle("the others", OTHER))
    legend_below(figure, handles)
    return figure


def _quality(comparison: Comparison) -> tuple[pd.DataFrame, str]:
    """Per label: `quality`, `low`, `high`; and what it is called."""
    if comparison.board is not None:
        board = 100 * comparison.board.table[["iqm", "low", "high"]]
        return board.rename(columns={"iqm": "quality"}), "Score over all tasks, IQM, %"
    task = comparison.study.tasks[0]
    found = comparison.tasks[task][["difference", "low", "high"]].copy()
    found.loc[comparison.baseline] = 0.0  # to itself
    primary = comparison.study.primary(task)
    name = f"Difference to {comparison.baseline}, {primary} ({task})"
    return found.rename(columns={"difference": "quality"}), name


def _arms(middle: float, low: float, high: float) -> list[list[float]] | None:
    """Lengths of an error bar, or None without an interval."""
    known = math.isfinite(low) and math.isfinite(high)
    return [[max(0.0, middle - low)], [max(0.0, high - middle)]] if known else None


def _row(rows: pd.DataFrame | None, label: object) -> pd.Series | None:
    return None if rows is None or label not in rows.index else rows.loc[label]


def _ratio(row: pd.Series | None) -> Cell:
    if row is None:
        return Cell(MISSING)
    if row["status"] != "ok":
        return Cell(
            str(row["status"]), "", "", "failed" if row["status"] == "failed" else "missing"
        )
    known = math.isfinite(row["ratio_low"]) and row.name != BASELINE
    spread = f"[{row['ratio_low']:.2f}, {row['ratio_high']:.2f}]" if known else ""
    return Cell(number(row["ratio"], 2), row["ratio"], spread)


def _value(row: pd.Series | None, key: str, text) -> Cell:
    """A figure of one variant, or a dash."""
    if row is None or not math.isfinite(row[key]):
        return Cell(MISSING)
    return Cell(text(row[key]), row[key])


def _first(row: pd.Series | None) -> Cell:
    """What the first call costs: tracing and compiling."""
    if row is None or not math.isfinite(row["compile_s"]):
        return Cell(MISSING)
    total = row["trace_s"] + row["compile_s"]
    return Cell(f"{total:.2f} s", total, f"traced {row['trace_s']:.2f} s")


def _break_even(row: pd.Series | None) -> Cell:
    if row is None or math.isnan(row["break_even"]):
        return Cell(MISSING)
    if math.isinf(row["break_even"]):
        return Cell("never", math.inf)
    return Cell(f"{row['break_even']:.0f} steps", row["break_even"])


def _share(rows: Sequence[pd.Series]) -> Cell:
    """The better of the two variants; beside it, the share of a large product's rate."""
    known = [row for row in rows if math.isfinite(row["share"])]
    if not known:
        return Cell(MISSING)
    best = max(known, key=lambda row: row["share"])
    square = best["square_share"]
    detail = f"{percent(square)} of peak" if math.isfinite(square) else ""
    return Cell(percent(best["share"]), best["share"], detail)


def _note(off: pd.Series | None, on: pd.Series | None) -> Cell:
    """Reasons and warnings, but for the load (see `notes`); what both variants say stands once."""
    said: dict[str, list[str]] = {}
    for name, row in (("XLA off", off), ("XLA on", on)):
        if row is not None:
            for text in [*str(row["words"]).split("; "), str(row["reason"])]:
                if text and not text.startswith(LOADED):
                    said.setdefault(text, []).append(name)
    parts = [text if len(names) == 2 else f"{names[0]}: {text}" for text, names in said.items()]
    return Cell("; ".join(parts), "; ".join(parts))
