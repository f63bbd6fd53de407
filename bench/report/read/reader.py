"""Reads what the runs of a task recorded while they trained: series.parquet of its cells."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ...store.schema import CELLS, SERIES
from .splits import recorded_seed
from .study import Study

KEYS = ("seed", "step")


def series(study: Study, task: str, columns: Iterable[str]) -> pd.DataFrame:
    """Some recorded columns, one row per (label, seed, step) until the seed failed.

    Each file is read once, and only the columns that are asked for: ask for all at once. A cell
    that crashed before its first evaluation left no file.

    Returns:
        `label`, `seed`, `step`, `ok` (whether the seed finished) and the columns that any run
        recorded, in the order of the runs; NaN where a cell did not record one.
    """
    runs, columns = study.outcomes(task), list(columns)
    cells = runs[["cell", "label"]].drop_duplicates()
    tables = []
    for label, cell in zip(cells["label"], cells["cell"], strict=True):
        table = _read(study.directory / CELLS / cell / SERIES, columns)
        if table is not None:
            tables.append((label, cell, table))
    if not tables:
        return pd.DataFrame(columns=["label", *KEYS, "ok", *columns])
    rows = [table.num_rows for _, _, table in tables]
    found = pa.concat_tables([table for _, _, table in tables], promote_options="permissive")
    data = found.to_pandas()
    for i, name in enumerate(("label", "cell")):
        data[name] = pd.Series([each[i] for each in tables]).repeat(rows).to_numpy()
    about = runs[["label", "cell", "seed", "status", "bad_step"]]
    about = about.assign(recorded=recorded_seed(about["seed"]))
    data = data.rename(columns={"seed": "recorded"}).merge(about, on=["label", "cell", "recorded"])
    # A seed that failed stands still from its first bad step on: that is no training.
    data = data[~(data["step"] > data["bad_step"])].assign(ok=data["status"] == "ok")
    recorded = [column for column in columns if column in data]
    return data[["label", *KEYS, "ok", *recorded]].reset_index(drop=True)


def _read(path: Path, columns: list[str]) -> pa.Table | None:
    """The wanted columns of a file; None when there is none or it recorded none of them."""
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            wanted = [column for column in columns if column in names]
            if not wanted or not {*KEYS} <= {*names}:
                return None
            return file.read([*KEYS, *wanted], use_threads=False)
    except (OSError, ValueError):
        return None
