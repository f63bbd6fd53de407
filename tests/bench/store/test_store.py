"""The store: whole cells or none, resume, and one tidy row per cell and seed."""

import json
import math

import pandas as pd
import pytest

from lossbench.bench.plan import cell as spec
from lossbench.bench.plan import tasks
from lossbench.bench.store.schema import COLUMNS
from lossbench.bench.store.store import Store, StoreError
from lossbench.bench.sweep import fallen

TABLES = {"series": pd.DataFrame({"seed": [0], "step": [0], "loss/left": [2.3]})}


def cell(strategy="sum", seeds=(0, 1), **settings):
    task = tasks.get("two_digits")
    fixed = {"device": "cpu", "xla": False, "precision": "float32", "heads": "own"}
    return spec.resolve(
        strategy, task, "two_digits", seeds=seeds, vectorised=True, **{**fixed, **settings}
    )


def result(cell, score=0.5, status="ok"):
    rows = [
        {"seed": s, "status": status, "reason": "", "bad_step": None, "pairing": "p"}
        | {"metric/left/accuracy/test": score}
        for s in cell.seeds
    ]
    timing = {"compile_s": 1.0, "step_time_us": 50.0, "wall_s": 2.0}
    return {
        "seeds": rows,
        "timing": timing,
        "primary": "left/accuracy",
        "contract": "loss",
        "cost": "1 backward",
    }


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "results")
    store.open()
    return store


def test_a_cell_that_is_there_is_not_run_again(store):
    first = cell()
    assert not store.has(first)
    store.write(first, result(first), {}, TABLES)
    assert store.has(first)
    assert not store.has(cell(seeds=(0, 1, 2)))
    assert not store.has(cell(steps=7))
    assert not store.has(cell("mean"))
    folder = store.cells / first.key
    assert sorted(path.name for path in folder.iterdir()) == [
        "env.json",
        "result.json",
        "series.parquet",
        "spec.json",
    ]


def test_a_result_that_stands_is_never_overwritten(store):
    first = cell()
    store.write(first, result(first, 0.5), {}, TABLES)
    store.write(first, result(first, 0.9), {}, TABLES)
    assert set(store.collect()["primary_metric"]) == {0.5}


@pytest.mark.parametrize("status", ["crashed", "failed"])
def test_cells_that_did_not_finish_are_rows_and_are_tried_again(store, status):
    first = cell()
    store.write(first, fallen(first, status, "why"), {}, {})
    frame = store.collect()
    assert set(frame["status"]) == {status}
    assert set(frame["reason"]) == {"why"}
    assert frame["primary_metric"].isna().all()
    assert not store.has(first)
    store.write(first, result(first), {}, TABLES)
    assert store.has(first)
    assert set(store.collect()["status"]) == {"ok"}


def test_a_folder_that_was_left_half_written_does_not_count(store):
    first = cell()
    aside = store.cells / f".{first.key}-dead"
    aside.mkdir()
    (aside / "spec.json").write_text(json.dumps(first.json()))
    (store.cells / first.key).mkdir()
    (store.cells / first.key / "spec.json").write_text("{")
    assert not store.has(first)
    store.write(first, result(first), {}, TABLES)
    assert len(store.collect()) == 2


def test_the_later_of_two_versions_counts(store):
    old = cell()
    store.write(old, result(old, 0.5), {}, TABLES)
    new = spec.Cell.from_json(old.json() | {"code": "changed"})
    assert new.key != old.key
    assert new.identity == old.identity
    store.write(new, result(new, 0.7), {}, TABLES)
    assert set(store.collect()["primary_metric"]) == {0.7}


def test_of_two_versions_that_of_the_plan_counts(store):
    old = cell()
    store.write(old, result(old, 0.5), {}, TABLES)
    new = spec.Cell.from_json(old.json() | {"code": "changed"})
    store.write(new, result(new, 0.7), {}, TABLES)
    store.write_plan({"cells": [old.key]}, {})
    assert set(store.collect()["primary_metric"]) == {0.5}


def test_runs_have_the_promised_columns_and_types(store):
    first, second = cell(), cell("cagrad(c=0.25)")
    store.write(first, result(first), {}, TABLES)
    store.write(second, result(second, None, "diverged"), {}, TABLES)
    frame = store.collect()
    stored = pd.read_parquet(store.directory / "runs.parquet")
    pd.testing.assert_frame_equal(frame, stored)
    assert tuple(stored.columns[: len(COLUMNS)]) == COLUMNS
    assert len(stored) == 4
    row = stored[stored["strategy"] == "cagrad"].iloc[0]
    assert row["label"] == "cagrad(c=0.25)"
    assert json.loads(row["hp/c"]) == 0.25
    assert row["xla"] == "off"
    assert math.isnan(row["metric/left/accuracy/test"])
    assert stored["primary_metric"].dtype == float


def test_a_folder_that_can_not_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"can't write results to .* choose another folder"):
        Store(tmp_path / "file" / "results").open()


def test_the_key_knows_the_code_and_not_where_a_plug_in_lies():
    base = cell()
    assert spec.Cell.from_json(base.json() | {"strategy": "elsewhere/sum.py"}).key == base.key
    assert spec.Cell.from_json(base.json() | {"code": "x"}).key != base.key
    assert spec.Cell.from_json(base.json()) == base
