"""How the cost of a step grows with losses and parameters, from scaling.parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

NAME = "scaling.parquet"


def read(directory: Path) -> pd.DataFrame | None:
    """What `lossbench time --scaling` measured into a results folder; None when it did not."""
    try:
        return pd.read_parquet(directory / NAME)
    except (OSError, ValueError):
        return None
