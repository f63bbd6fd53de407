"""The overall table in a terminal."""

from __future__ import annotations

from typing import NamedTuple

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from ..analysis.comparison import Comparison
from ..analysis.verdicts import BETTER, EQUIVALENT, LEANS_BETTER, LEANS_WORSE, WORSE
from .entries import MARKS, PARTIAL, SCORES
from .overall import overall_table
from .table import Table


def show(comparison: Comparison, console: Console | None = None) -> None:
    """Prints the overall table in blocks of tasks that fit the terminal (at most 100 columns)."""
    console = console or Console()
    width = min(console.width, 100)
    plain = not (console.encoding or "").lower().startswith("utf")
    table, columns, texts, blocks = _laid_out(overall_table(comparison), plain, width)
    without = _laid_out(overall_table(comparison, delta_m=False), plain, width)
    delta = SCORES["delta_m"] in table.columns
    # Delta-m only where it stands beside its task and costs no further block.
    split = any(table.columns[block[1]] == SCORES["delta_m"] for block in blocks)
    if delta and (split or len(without.blocks) < len(blocks)):
        delta, (table, columns, texts, blocks) = False, without
    for block in blocks:
        rich = RichTable(box=SIMPLE, width=None, pad_edge=False, show_edge=False)
        for i in block:
            right = 0 < i < len(columns) - 1
            rich.add_column(Text(columns[i]), justify="right" if right else "left", overflow="fold")
        for cells, row in zip(table.rows, texts, strict=True):
            rich.add_row(*(Text(row[i], style=_STYLES.get(cells[i].tone, "")) for i in block))
        console.print(rich, width=width)
        console.print()
    marks = (MARKS[BETTER], MARKS[WORSE], f"{MARKS[LEANS_BETTER]} {MARKS[LEANS_WORSE]}", PARTIAL)
    marks = (*marks, MARKS[EQUIVALENT])
    better, worse, leans, partial, equal = (_plain(mark, plain) for mark in marks)
    console.print(
        Text(
            f"Mean of the primary metric on the test split over finished runs ({partial}: others "
            f"failed), and the paired difference to {comparison.baseline} (positive is better). "
            f"{better} better, {worse} worse: sign-flip p < 0.05 after Holm; {leans}: so by the "
            f"uncorrected 95 % interval alone; {equal}: equivalent, the interval is within 1 % "
            f"of what {comparison.baseline} learned, or every seed gave the same."
            + (
                f" {_plain(SCORES['delta_m'], plain)}: mean difference of the heads to single-task "
                "runs."
                if delta
                else ""
            )
        ),
        width=width,
    )


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
        [_plain(f"{cell.text} {cell.detail}".strip(), plain) for cell in row] for row in table.rows
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
