"""Tables in a terminal, and the list of what was written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from ..exhibits.exhibit import Shown, listed
from .entries import PARTIAL, SCORES
from .exhibit import ShownTable
from .table import Table


def show(tables: Iterable[ShownTable], console: Console) -> None:
    """Prints the tables that are meant for a terminal, in blocks of at most 100 columns."""
    for each in tables:
        if each.exhibit.terminal and each.table is not None:
            _print(each.table, each.caption, console)


def show_files(console: Console, tables: Iterable[Shown], figures: Iterable[Shown]) -> None:
    """Prints what was written in two lines: the names of the tables and of the figures."""
    for folder, each in (("tables", tables), ("figures", figures)):
        console.print(Text(f"{folder}: {listed(each) or 'none'}"), soft_wrap=True)


def _print(table: Table, caption: str, console: Console) -> None:
    plain = not (console.encoding or "").lower().startswith("utf")
    width = min(console.width, 100)
    layout = _laid_out(table, plain, width)
    if SCORES["delta_m"] in table.columns:
        # Delta-m only where it stands beside its task and costs no further block.
        without = _laid_out(_without(table, SCORES["delta_m"]), plain, width)
        split = any(table.columns[block[1]] == SCORES["delta_m"] for block in layout.blocks)
        if split or len(without.blocks) < len(layout.blocks):
            layout = without
    for block in layout.blocks:
        rich = RichTable(box=SIMPLE, width=None, pad_edge=False, show_edge=False)
        for i in block:
            right = 0 < i < len(layout.columns) - 1
            rich.add_column(
                Text(layout.columns[i]), justify="right" if right else "left", overflow="fold"
            )
        for entries, row in zip(layout.table.rows, layout.texts, strict=True):
            rich.add_row(*(Text(row[i], style=_STYLES.get(entries[i].tone, "")) for i in block))
        console.print(rich, width=width)
        console.print()
    console.print(Text(_plain(caption, plain)), width=width)


def _without(table: Table, name: str) -> Table:
    """A table without the columns of a name."""
    kept = [i for i, column in enumerate(table.columns) if column != name]
    return Table([table.columns[i] for i in kept], [[row[i] for i in kept] for row in table.rows])


# For terminals without Unicode.
_PLAIN = str.maketrans(
    {"▲": "^", "▼": "v", "△": "^?", "▽": "v?", "≈": "=", "Δ": "delta-", PARTIAL: "*"}
)
_STYLES = {"better": "green", "worse": "yellow", "failed": "red", "missing": "dim"}


class _Layout(NamedTuple):
    """A table as it is printed: heads, texts, and the columns of each block."""

    table: Table
    columns: list[str]
    texts: list[list[str]]
    blocks: list[list[int]]


def _laid_out(table: Table, plain: bool, width: int) -> _Layout:
    columns = [_plain(column, plain) for column in table.columns]
    texts = [
        [_plain(f"{entry.text} {entry.detail}".strip(), plain) for entry in row]
        for row in table.rows
    ]
    return _Layout(table, columns, texts, _blocks(columns, texts, width))


def _plain(text: str, plain: bool) -> str:
    return text.translate(_PLAIN) if plain else text


def _blocks(columns: list[str], texts: list[list[str]], width: int) -> list[list[int]]:
    """Columns of each printed block: the strategy, then as many as fit."""
    sizes = [
        max(len(column), *(len(row[i]) for row in texts)) + 3 for i, column in enumerate(columns)
    ]
    first = min(sizes[0], width // 3)
    blocks, used = [[0]], first
    for i in range(1, len(columns)):
        if used + sizes[i] > width and len(blocks[-1]) > 1:
            blocks.append([0])
            used = first
        blocks[-1].append(i)
        used += sizes[i]
    return blocks
