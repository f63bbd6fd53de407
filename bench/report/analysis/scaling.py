"""How the cost of a step grows with losses and parameters, from scaling.parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ...store import parquet_table
from ...store.schema import SCALING, SCALING_COLUMNS


def read(directory: Path) -> pd.DataFrame | None:
    """What `lossbench time --scaling` measured into a results folder; None when it did not."""
    try:
        return parquet_table.read(directory / SCALING, SCALING_COLUMNS)
    except (FileNotFoundError, parquet_table.TableError):
        return None
