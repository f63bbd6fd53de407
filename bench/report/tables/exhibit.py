"""A table as an exhibit of the report."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from ..exhibits.exhibit import Exhibit, Shown
from .table import Table


@dataclasses.dataclass(frozen=True, kw_only=True)
class TableExhibit(Exhibit):
    """A table of the report; see `Exhibit` for what it shares with a figure.

    Attributes:
        make: what people read, in the page, as Markdown and LaTeX; None where there is nothing.
        frame: what programs read, as CSV: all numbers in full precision; None as well.
        title: with one, it can be folded in the page.
        empty: what the page says in place of a table without rows.
        terminal: printed when the report is made.

    Example:
        >>> runs = TableExhibit(name="{task}-runs", frame=lambda c, task: c.study.outcomes(task))
    """

    make: Callable[..., Table | None] | None = None
    frame: Callable[..., pd.DataFrame | None] | None = None
    title: str = ""
    empty: str = ""
    terminal: bool = False


@dataclasses.dataclass(frozen=True)
class ShownTable(Shown):
    """One file of a table: `table` is what people read, `frame` what programs do."""

    exhibit: TableExhibit
    table: Table | None
    frame: pd.DataFrame | None


def by_task(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    """The tables of the tasks as one, with the task in front; None without any."""
    return pd.concat(dict[Any, pd.DataFrame](tables), names=["task"]) if tables else None
