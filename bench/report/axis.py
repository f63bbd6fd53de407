"""Writes what a sweep found: a table and a figure per task, from the folders of its points."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from rich.console import Console

from ..text.numbers import decimals, number
from .analysis.axis import agreement, along
from .analysis.comparison import compare
from .analysis.verdicts import mark
from .exhibits.exhibit import file_name
from .figures.axis import axis_figure
from .figures.save import save
from .figures.style import highlights
from .read import read
from .tables.markdown import markdown
from .tables.table import Entry, Table


def write(
    points: Iterable[tuple[str, str, Path]], axis: str, words: str, out: Path, console: Console
) -> None:
    """Tables and figures of a sweep.

    Args:
        points: task, value and results folder of each point.
        axis: its name.
        words: what it is.
        out: folder for `<task>-<axis>.csv`, `.md`, `.png` and `.svg`.
        console: shows the tables.
    """
    of_task: dict[str, dict[str, Path]] = {}
    for task, value, folder in points:
        of_task.setdefault(task, {})[value] = folder
    for task, folders in of_task.items():
        comparisons = {value: compare(read(folder)) for value, folder in folders.items()}
        table = along(comparisons)
        tau = agreement(table)
        first = next(iter(comparisons.values()))
        (name,) = first.study.tasks
        stem = out / file_name(f"{task}-{axis}")
        table.join(tau, on="value").to_csv(stem.with_name(f"{stem.name}.csv"))
        shown = _table(table, tau)
        stem.with_name(f"{stem.name}.md").write_text(markdown(shown), encoding="utf-8")
        criterion = first.study.criterion(name)
        save(axis_figure(table, highlights(first), task, words, criterion), stem)
        console.print(
            f"\n{task}, {criterion} along {words} (rank; ▲ ▼ better or worse than "
            f"{first.baseline}); last row: Kendall's tau to the ranking before"
        )
        console.print(_text(shown), soft_wrap=True, highlight=False)
        console.print(f"written: {stem}.csv, .md, .png, .svg")


def _table(table: pd.DataFrame, tau: pd.Series) -> Table:
    """Strategies by values, the best at the last value first."""
    values = list(table.index.unique("value"))
    order = table.loc[values[-1]].sort_values("rank", na_position="last").index
    rows = []
    for label in order:
        entries = [Entry(str(label), str(label))]
        for value in values:
            if (value, label) not in table.index:
                entries.append(Entry("", ""))
                continue
            row = table.loc[(value, label)]
            text = number(row["mean"], decimals(table.loc[value, "mean"]))
            rank = "" if pd.isna(row["rank"]) else f"({row['rank']:g})"
            entries.append(Entry(text, row["mean"], f"{rank} {mark(row['verdict'])}".strip()))
        rows.append(entries)
    taus = [Entry(number(tau[value], 2), tau[value]) for value in values]
    return Table(["Strategy", *values], [*rows, [Entry("Kendall's tau", "tau"), *taus]])


def _text(table: Table) -> str:
    """The table with aligned columns."""
    cells = [list(table.columns)]
    cells += [[f"{entry.text} {entry.detail}".strip() for entry in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )
