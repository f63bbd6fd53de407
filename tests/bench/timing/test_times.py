"""The table of a results folder keeps the newest row of each key."""

import math

import pandas as pd
import pytest

from lossbench.bench.store.schema import TIME_COLUMNS, TIMES
from lossbench.bench.timing import times


def test_rows_replace_those_of_their_key_and_keep_the_others(tmp_path):
    def rows(**columns):
        key = {"task": "t", "device": "cpu", "xla": "on", "precision": "float32"}
        blank = {name: math.nan if kind is float else "" for name, kind in TIME_COLUMNS.items()}
        return pd.DataFrame([{**blank, "status": "ok", **key, **columns}])

    times.merge(tmp_path, rows(label="a", us=1.0))
    times.merge(tmp_path, rows(label="b", us=2.0))
    times.merge(tmp_path, rows(label="a", us=3.0))
    found = times.read(tmp_path).set_index("label")["us"].to_dict()
    assert found == {"a": 3.0, "b": 2.0}
    (tmp_path / TIMES).write_text("no table")
    with pytest.raises(ValueError, match="remove it"):
        times.merge(tmp_path, rows(label="a", us=1.0))
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".parquet")]
