"""Parquet tables of a results folder: read and written with the columns of their schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import ArrowException

from .atomic import replacing
from .schema import SCHEMA, OneOf


class TableError(ValueError):
    """A file that is no such table; the message says why, in one line."""


def read(path: Path, columns: Mapping[str, Any]) -> pd.DataFrame:
    """A table that has these columns, and perhaps more.

    Args:
        path: of the file.
        columns: name to type, see `schema`.

    Raises:
        FileNotFoundError: there is no file.
        TableError: it can't be read, or lacks columns, or one has another type.
    """
    try:
        table = pd.read_parquet(path)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise TableError(f"{path} is no readable Parquet file ({reason})") from error
    if missing := [column for column in columns if column not in table]:
        raise TableError(f"{path} lacks the columns {', '.join(missing)} of schema {SCHEMA}")
    for column, kind in columns.items():
        if not _fits(table[column], kind):
            raise TableError(f"{path} has other values in column {column} than schema {SCHEMA}")
    return table


def write(path: Path, table: pd.DataFrame) -> None:
    """Write a table in one step."""
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False)


def typed(table: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The table with these columns first and of their types, whatever its values are.

    A column of nulls has no type of its own: all runs of a folder may have failed.
    """
    rest = [column for column in table.columns if column not in columns]
    table = table.reindex(columns=[*columns, *sorted(rest)])
    kinds = {name: kind if kind in (int, float, bool) else "str" for name, kind in columns.items()}
    return table.astype(kinds)


def _fits(column: pd.Series, kind: Any) -> bool:
    if kind is float:
        return pd.api.types.is_numeric_dtype(column)
    if kind is int:
        return pd.api.types.is_integer_dtype(column)
    if kind is bool:
        return pd.api.types.is_bool_dtype(column)
    known = column.dropna()
    if isinstance(kind, OneOf):
        return len(known) == len(column) and bool(known.isin(kind.values).all())
    complete = len(known) == len(column) or isinstance(kind, tuple)
    return complete and (known.empty or pd.api.types.is_string_dtype(known))
