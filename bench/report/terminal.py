"""The overall table in a terminal."""

from __future__ import annotations

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from .compare import BETTER, LEANS_BETTER, LEANS_WORSE, WORSE, Comparison
from .tables import MARKS, PARTIAL, Cell, overall_table


def show(comparison: Comparison, console: Console | None = None) -> None:
    """Prints the overall table in blocks of tasks that fit the terminal (at most 100 columns)."""
    console = console or Console()
    width = min(console.width, 100)
    plain = not (console.encoding or "").lower().startswith("utf")
    table = overall_table(comparison)
    texts = [[_terminal(cell, plain) for cell in row] for row in table.rows]
    for block in _blocks(table.columns, texts, width):
        rich = RichTable(box=SIMPLE, width=None, pad_edge=False, show_edge=False)
        for i in block:
            right = 0 < i < len(table.columns) - 1
            rich.add_column(
                Text(table.columns[i]), justify="right" if right else "left", overflow="fold"
            )
        for cells, row in zip(table.rows, texts, strict=True):
            rich.add_row(*(Text(row[i], style=_STYLES.get(cells[i].tone, "")) for i in block))
        console.print(rich, width=width)
        console.print()
    marks = (MARKS[BETTER], MARKS[WORSE], f"{MARKS[LEANS_BETTER]} {MARKS[LEANS_WORSE]}", PARTIAL)
    better, worse, leans, partial = (m.translate(_PLAIN) if plain else m for m in marks)
    console.print(
        Text(
            f"Mean of the primary metric on the test split over finished runs ({partial}: others "
            f"failed), and the paired difference to {comparison.baseline} (positive is better). "
            f"{better} better, {worse} worse: sign-flip p < 0.05 after Holm; {leans}: so by the "
            "uncorrected 95 % interval alone."
        ),
        width=width,
    )


# For terminals without Unicode.
_PLAIN = str.maketrans({"▲": "^", "▼": "v", "△": "^?", "▽": "v?", PARTIAL: "*"})
_STYLES = {"better": "green", "worse": "yellow", "failed": "red", "missing": "dim"}


def _terminal(cell: Cell, plain: bool) -> str:
    text = f"{cell.text} {cell.detail}".strip()
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
