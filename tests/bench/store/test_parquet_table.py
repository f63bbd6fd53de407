"""Parquet tables: held against the columns of the schema, whatever is in the file."""

import numpy as np
import pandas as pd
import pytest

from lossbench.bench.store import parquet_table
from lossbench.bench.store.parquet_table import TableError
from lossbench.bench.store.schema import TEXT_OR_NONE, OneOf

COLUMNS = {
    "name": str,
    "state": OneOf(("on", "off")),
    "count": int,
    "score": float,
    "chosen": bool,
    "note": TEXT_OR_NONE,
}
GOOD = pd.DataFrame(
    {
        "name": ["a", "b"],
        "state": ["on", "off"],
        "count": [1, 2],
        "score": [0.5, np.nan],
        "chosen": [True, False],
        "note": ["x", None],
    }
)


def test_what_is_written_is_read(tmp_path):
    parquet_table.write(tmp_path / "a.parquet", GOOD)
    found = parquet_table.read(tmp_path / "a.parquet", COLUMNS)
    pd.testing.assert_frame_equal(found, GOOD)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("name", [1, 2]),
        ("name", ["a", None]),
        ("name", [["a"], ["b"]]),
        ("name", [b"a", b"b"]),
        ("state", ["on", "odd"]),
        ("state", [None, None]),
        ("count", [1.0, np.nan]),
        ("count", ["1", "2"]),
        ("score", ["0.5", "x"]),
        ("score", [None, None]),
        ("chosen", [0.5, 1.0]),
        ("note", [1.5, 2.5]),
    ],
)
def test_a_column_of_another_type_is_named(tmp_path, column, values):
    GOOD.assign(**{column: values}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(TableError, match=f"other values in column {column}"):
        parquet_table.read(tmp_path / "a.parquet", COLUMNS)


def test_what_lacks_columns_or_is_no_table_is_refused_in_one_line(tmp_path):
    path = tmp_path / "a.parquet"
    GOOD.drop(columns=["score", "name"]).to_parquet(path)
    with pytest.raises(TableError, match=r"lacks the columns name, score of schema 2"):
        parquet_table.read(path, COLUMNS)
    whole = path.read_bytes()
    for content in (b"", b"PAR1", b"\x00" * 100, whole[: len(whole) // 2], whole[:-20]):
        path.write_bytes(content)
        with pytest.raises(TableError, match=r"is no readable Parquet file") as refused:
            parquet_table.read(path, COLUMNS)
        assert len(str(refused.value).splitlines()) == 1
    with pytest.raises(FileNotFoundError):
        parquet_table.read(tmp_path / "none.parquet", COLUMNS)


def test_columns_of_nulls_have_their_types_too():
    empty = pd.DataFrame({"name": ["a"], "state": ["on"], "count": [1], "chosen": [True]})
    found = parquet_table.typed(empty.assign(further=1), COLUMNS)
    assert list(found) == [*COLUMNS, "further"]
    assert found["score"].dtype == float
    assert found["note"].dtype == found["name"].dtype
    assert found[["score", "note"]].isna().all(axis=None)
