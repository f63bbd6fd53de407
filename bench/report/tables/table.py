"""A table for people: entries with a text and a value to sort by."""

from __future__ import annotations

from typing import NamedTuple


class Cell(NamedTuple):
    """One cell: what it says, what it sorts by, a second line, and a tone for its colour."""

    text: str
    sort: float | str = ""
    detail: str = ""
    tone: str = ""


class Table(NamedTuple):
    """A table to render: the first column names the row."""

    columns: list[str]
    rows: list[list[Cell]]
