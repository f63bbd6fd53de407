"""times.parquet and scaling.parquet: rows replace those of the same key, in one step."""

from __future__ import annotations

from pathlib import Path

import filelock
import pandas as pd

from ..store import parquet_table, version
from ..store.schema import SCALING, SCALING_COLUMNS, TIME_COLUMNS, TIME_KEY, TIMES

COLUMNS = {TIMES: TIME_COLUMNS, SCALING: SCALING_COLUMNS}


def require(directory: Path, name: str = TIMES) -> None:
    """Refuse a folder where times can't be put, before anything is timed.

    Raises:
        ValueError: it is of another version, or its table can't be read.
    """
    version.require(directory)
    read(directory, name)


def merge(directory: Path, rows: pd.DataFrame, name: str = TIMES) -> Path:
    """Put rows into a table of a results folder; returns its path.

    Args:
        directory: made when it is not there.
        rows: of `measure`; earlier rows with the same key go.
        name: of the file, times.parquet or scaling.parquet.

    Raises:
        ValueError: the folder can't be written, or its table can't be read.
    """
    path = directory / name
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(directory / ".lock"):
            known = read(directory, name)
            rows = rows.reindex(columns=list(dict.fromkeys([*COLUMNS[name], *rows])))
            table = rows if known is None else pd.concat([known, rows])
            table = table.drop_duplicates(list(TIME_KEY), keep="last")
            table = table.sort_values(list(TIME_KEY), ignore_index=True)
            parquet_table.write(path, table)
    except OSError as error:
        raise ValueError(
            f"can't write times to {directory} ({error.strerror}); choose another folder with --out"
        ) from error
    return path


def read(directory: Path, name: str = TIMES) -> pd.DataFrame | None:
    """The table of a results folder; None where there is none.

    Raises:
        ValueError: it is no table of this version, with the remedy.
    """
    try:
        return parquet_table.read(directory / name, COLUMNS[name])
    except FileNotFoundError:
        return None
    except parquet_table.TableError as error:
        raise ValueError(
            f"{error}: remove it, or choose another folder with --out, and time again"
        ) from error
