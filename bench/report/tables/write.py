"""Tables as files: CSV with all numbers, Markdown and LaTeX for people."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ..analysis.comparison import Comparison
from ..exhibits.exhibit import shown
from ..exhibits.written import clear, remember
from . import TABLES, latex
from .exhibit import ShownTable
from .markdown import markdown


def make(comparison: Comparison) -> list[ShownTable]:
    """The tables that the study has data for, in the order of their list."""
    made = []
    for exhibit, fields, stem in shown(TABLES, comparison):
        table = exhibit.make(comparison, **fields) if exhibit.make else None
        frame = exhibit.frame(comparison, **fields) if exhibit.frame else None
        if table is not None or frame is not None:
            words = exhibit.words(comparison, fields)
            made.append(ShownTable(exhibit, fields, stem, words, table, frame))
    return made


def frames(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """What programs read, by the names of the CSV files."""
    found = {
        stem: exhibit.frame(comparison, **fields)
        for exhibit, fields, stem in shown(TABLES, comparison)
        if exhibit.frame
    }
    return {stem: frame for stem, frame in found.items() if frame is not None}


def write(tables: Iterable[ShownTable], directory: Path) -> None:
    """Writes tables, and removes what an earlier report wrote into the folder."""
    clear(directory)
    remember(directory, [path for each in tables for path in _write(each, directory)])


def _write(each: ShownTable, directory: Path) -> list[Path]:
    """The files of one table."""
    paths = []
    if each.frame is not None:
        paths.append(directory / f"{each.stem}.csv")
        each.frame.to_csv(paths[-1])
    if each.table is not None:
        caption = f"{each}: {each.caption}" if each.fields else each.caption
        texts = {
            ".md": markdown(each.table),
            ".tex": latex.table(each.table, caption, f"tab:{each.stem}"),
        }
        for suffix, text in texts.items():
            paths.append(directory / f"{each.stem}{suffix}")
            paths[-1].write_text(text, encoding="utf-8")
    return paths
