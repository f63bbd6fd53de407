"""A table for people: entries with a text and a value to sort by."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """What stands in one place: a text, what it sorts by, a second line, a tone for its colour."""

    text: str
    sort: float | str = ""
    detail: str = ""
    tone: str = ""


class Table(NamedTuple):
    """A table to render: the first column names the row."""

    columns: list[str]
    rows: list[list[Entry]]
