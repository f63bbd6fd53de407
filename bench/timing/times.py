"""times.parquet of a results folder: rows replace those of the same key, in one step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import filelock
import pandas as pd

from ..store.atomic import replacing

NAME = "times.parquet"
KEY = ("label", "task", "device", "xla", "precision")


def merge(directory: Path, rows: pd.DataFrame, name: str = NAME, key: Sequence[str] = KEY) -> Path:
    """Put rows into a table of a results folder; returns its path.

    Args:
        directory: made when it is not there.
        rows: of `measure`; earlier rows with the same key go.
        name: of the file.
        key: the columns that tell rows apart.

    Raises:
        ValueError: the folder can't be written, or its table can't be read.
    """
    path = directory / name
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(directory / ".lock"):
            table = pd.concat([read(directory, name), rows]) if path.is_file() else rows
            table = table.drop_duplicates(list(key), keep="last")
            table = table.sort_values(list(key), ignore_index=True)
            with replacing(path) as temporary:
                table.to_parquet(temporary, index=False)
    except OSError as error:
        raise ValueError(
            f"can't write times to {directory} ({error.strerror}); choose another folder with --out"
        ) from error
    return path


def read(directory: Path, name: str = NAME) -> pd.DataFrame:
    """The table of a results folder.

    Raises:
        ValueError: it is no table, with the remedy.
    """
    path = directory / name
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} can't be read as a table: remove it and run `lossbench time` again"
        ) from error
