"""The store: whole cells or none, resume, tables that follow from the cells, other versions."""

import json
import math
import os
import shutil

import pandas as pd
import pytest
from stored_cells import TABLES, cell, result, write_cells

from lossbench.bench.plan.cell import Cell
from lossbench.bench.store.schema import RETRIED, RUN_COLUMNS, SPECIFIED
from lossbench.bench.store.store import Store, StoreError
from lossbench.bench.sweep import fallen


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "results")
    store.open()
    return store


def files(directory):
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


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
    assert set(store.collect().runs["primary_metric"]) == {0.5}


@pytest.mark.parametrize("status", RETRIED)
def test_cells_that_did_not_finish_are_rows_and_are_tried_again(store, status):
    first = cell()
    store.write(first, fallen(first, status, "why"), {}, {})
    runs = store.collect().runs
    assert set(runs["status"]) == {status}
    assert set(runs["reason"]) == {"why"}
    assert runs[["primary_metric", "bad_step", "pairing"]].isna().all(axis=None)
    assert not store.has(first)
    store.write(first, result(first), {}, TABLES)
    assert store.has(first)
    assert set(store.collect().runs["status"]) == {"ok"}


def test_a_folder_that_was_left_half_written_does_not_count(store):
    first = cell()
    temporary = store.cells / f".{first.key}-dead"
    temporary.mkdir(parents=True)
    (temporary / "spec.json").write_text(json.dumps(first.json()))
    (store.cells / first.key).mkdir(parents=True)
    (store.cells / first.key / "spec.json").write_text("{")
    assert not store.has(first)
    store.write(first, result(first), {}, TABLES)
    assert len(store.collect().runs) == 2


def test_the_later_of_two_versions_counts(store):
    old = cell()
    new = Cell.from_json(old.json() | {"code": "changed"})
    assert new.key != old.key
    write_cells(store, (old, 0.5), (new, 0.7))
    assert set(store.collect().runs["primary_metric"]) == {0.7}


def test_of_two_versions_that_of_the_plan_counts(store):
    old = cell()
    new = Cell.from_json(old.json() | {"code": "changed"})
    write_cells(store, (old, 0.5), (new, 0.7))
    store.write_plan({"cells": [old.key]}, {})
    assert set(store.collect().runs["primary_metric"]) == {0.5}


@pytest.mark.parametrize("change", [{"steps": 7}, {"seeds": (0,)}, {"xla": True}, {"budget": 3}])
def test_cells_of_other_conditions_stand_beside_each_other(store, change):
    write_cells(store, (cell(), 0.5), (cell(**change), 0.7))
    assert set(store.collect().runs["primary_metric"]) == {0.5, 0.7}


def test_runs_have_the_promised_columns_and_types(store):
    first, second = cell(), cell("cagrad(c=0.25)")
    store.write(first, result(first), {}, TABLES)
    store.write(second, result(second, None, "diverged"), {}, TABLES)
    runs = store.collect().runs
    stored = pd.read_parquet(store.directory / "runs.parquet")
    pd.testing.assert_frame_equal(runs, stored)
    assert tuple(stored.columns[: len(RUN_COLUMNS)]) == tuple(RUN_COLUMNS)
    assert len(stored) == 4
    row = stored[stored["strategy"] == "cagrad"].iloc[0]
    assert row["label"] == "cagrad(c=0.25)"
    assert json.loads(row["hp/c"]) == 0.25
    assert row["xla"] == "off"
    assert math.isnan(row["metric/left/accuracy/test"])
    assert stored["primary_metric"].dtype == float


def test_trials_say_whose_they_are(store):
    tuned = cell(budget=2)
    trials = pd.DataFrame(
        {"trial": [0, 1], "status": ["ok", "diverged"], "score": [0.5, math.nan]}
        | {"learning_rate": [0.1, 0.2], "chosen": [True, False]}
    )
    store.write(tuned, result(tuned), {}, {"trials": trials})
    store.write(cell(), result(cell()), {}, TABLES)
    found = store.collect().trials
    assert set(found["cell"]) == {tuned.key}
    assert found["label"].tolist() == ["sum", "sum"]
    assert found["score"].isna().tolist() == [False, True]
    pd.testing.assert_frame_equal(found, pd.read_parquet(store.directory / "trials.parquet"))


# ---- tables and cells that have come since


def test_tables_are_stale_from_the_first_cell_on_until_they_are_collected(store):
    assert not store.stale(), "there is nothing to collect"
    assert store.collect().runs.empty
    assert not list(store.directory.glob("*.parquet"))
    first, second = cell(), cell("mean")
    store.write_plan({"cells": [first.key, second.key]}, {})
    write_cells(store, (first, 0.5))
    assert store.stale()
    store.collect()
    os.utime(store.directory / "runs.parquet")
    assert not store.stale()
    write_cells(store, (second, 0.5))
    ahead = (store.directory / "runs.parquet").stat().st_mtime + 3600
    os.utime(store.directory / "runs.parquet", (ahead, ahead))
    assert store.stale(), "whatever the clock said"
    store.collect()
    os.utime(store.directory / "runs.parquet")
    assert not store.stale()


def test_a_cell_that_was_tried_again_makes_them_stale(store):
    first = cell()
    store.write(first, fallen(first, "crashed", "why"), {}, {})
    store.collect()
    store.write(first, result(first), {}, TABLES)
    assert store.stale()
    assert set(store.gathered().runs["status"]) == {"ok"}


def test_tables_without_cells_are_kept(store):
    write_cells(store, (cell(), 0.5))
    store.collect()
    before = (store.directory / "runs.parquet").read_bytes()
    for path in (store.cells / cell().key).iterdir():
        path.unlink()
    (store.cells / cell().key / "result.json").write_text("{")
    store.collect()
    assert (store.directory / "runs.parquet").read_bytes() == before


def test_a_folder_that_is_taken_is_an_error_that_names_it(store):
    write_cells(store, (cell(), 0.5))
    (store.directory / ".lock").unlink()
    (store.directory / ".lock").mkdir()
    with pytest.raises(OSError, match=r"lock"):
        store.collect()
    assert len(store.gathered().runs) == 2


# ---- what other versions and other programs left


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("result.json", "[]", "result.json holds no JSON object"),
        ("result.json", "{}", "result.json lacks seeds, timing, primary, contract, cost"),
        ("result.json", "[" * 100_000, "result.json can't be read"),
        ("result.json", '{"seeds": ' + "[" * 100_000, "result.json can't be read"),
        ("result.json", "\x00\x01", "result.json can't be read"),
        ("spec.json", "[]", "spec.json holds no JSON object"),
        ("spec.json", '{"schema": 1}', "of schema 1"),
        ("spec.json", '{"schema": 2}', "spec.json lacks strategy, label"),
        ("spec.json", None, "no spec.json"),
    ],
)
def test_a_cell_that_cannot_be_read_costs_itself_alone(store, name, text, reason):
    bad, good = cell(), cell("mean")
    write_cells(store, (bad, 0.5), (good, 0.7))
    path = store.cells / bad.key / name
    path.unlink()
    if text is not None:
        path.write_text(text)
    assert set(store.collect().runs["label"]) == {"mean"}
    ((key, said),) = store.refused({good.key}).items()
    assert key == bad.key
    assert said.startswith(reason)
    assert "\n" not in said
    assert not store.has(bad), "it is run again"
    write_cells(store, (bad, 0.5))
    assert set(store.collect().runs["label"]) == {"sum", "mean"}
    assert store.refused(set()) == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("metric/left/accuracy/test", "high"),
        ("seed", 1.5),
        ("seed", 10**30),
        ("status", "stopped"),
        ("reason", None),
        ("pairing", 3),
    ],
)
def test_a_row_of_other_values_costs_its_cell_alone(store, key, value):
    bad, good = cell(), cell("mean")
    content = result(bad)
    content["seeds"][1][key] = value
    store.write(bad, content, {}, TABLES)
    write_cells(store, (good, 0.7))
    assert set(store.collect().runs["label"]) == {"mean"}
    ((_, said),) = store.refused({good.key}).items()
    assert f"result.json has another value at seeds.1.{key} than" in said


def test_infinite_metrics_survive(store):
    first = cell()
    store.write(first, result(first), {}, TABLES)
    path = store.cells / first.key / "result.json"
    path.write_text(path.read_text().replace("0.5", "1e999"))
    assert set(store.collect().runs["primary_metric"]) == {math.inf}


def test_stray_files_are_let_be(store):
    store.cells.mkdir(parents=True, exist_ok=True)
    (store.cells / "notes.txt").write_text("mine")
    (store.cells / "pictures").mkdir()
    write_cells(store, (cell(), 0.5))
    assert len(store.collect().runs) == 2
    assert store.refused(set()) == {"pictures": "no spec.json"}
    assert (store.cells / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("schema", [1, 99, None])
def test_a_folder_of_another_version_is_refused_and_stays(tmp_path, schema):
    (tmp_path / "cells").mkdir()
    (tmp_path / "plan.json").write_text(json.dumps({"schema": schema}))
    (tmp_path / "runs.parquet").write_text("precious")
    before = files(tmp_path)
    with pytest.raises(StoreError, match=rf"\(schema {schema}; this one reads 2\): run again into"):
        Store(tmp_path).open()
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", ["plan.json", "runs.parquet"])
def test_files_that_are_no_results_are_not_overwritten(tmp_path, name):
    (tmp_path / name).write_text("[1, 2]")
    with pytest.raises(StoreError, match=rf"holds {name}, but no plan of lossbench.*--out"):
        Store(tmp_path).open()
    assert files(tmp_path) == {tmp_path / name: b"[1, 2]"}


def test_a_torn_plan_is_replaced_by_the_next_run(store):
    write_cells(store, (cell(), 0.5))
    (store.directory / "plan.json").write_text('{"schema": 2, "cel')
    store.open()
    assert len(store.collect().runs) == 2


def test_without_a_plan_the_cells_say_of_which_version_they_are(store):
    write_cells(store, (cell(), 0.5))
    store.collect()
    for path in store.cells.glob("*/spec.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 1}))
    before = files(store.directory)
    with pytest.raises(StoreError, match=r"\(schema 1; this one reads 2\): run again into"):
        store.open()
    assert files(store.directory) == before


def test_tables_without_their_cells_are_not_replaced(store):
    write_cells(store, (cell(), 0.5))
    store.write_plan({"cells": [cell().key]}, {})
    store.collect()
    shutil.rmtree(store.cells)
    before = files(store.directory)
    with pytest.raises(StoreError, match=r"without its cells, which a run would replace: choose"):
        store.open()
    assert files(store.directory) == before


@pytest.mark.parametrize("name", ["file/results", "x" * 300])
def test_a_folder_that_can_not_be_written_is_one_line(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"can't write results to .* choose another folder"):
        Store(tmp_path / name).open()


def test_asking_whether_a_folder_can_be_used_leaves_none(tmp_path):
    (tmp_path / "there").mkdir()
    for name in ("there", "new/results"):
        Store(tmp_path / name).open()
    assert list(tmp_path.rglob("*")) == [tmp_path / "there"]


def test_the_schema_has_the_fields_of_a_cell():
    # Folders from before have neither.
    assert {*SPECIFIED, "data", "tunings"} == {"schema", *cell().json()}


def test_the_key_knows_the_code_and_not_where_a_plug_in_lies():
    base = cell()
    assert Cell.from_json(base.json() | {"strategy": "elsewhere/sum.py"}).key == base.key
    assert Cell.from_json(base.json() | {"code": "x"}).key != base.key
    assert Cell.from_json(base.json()) == base
    assert Cell.from_json({"schema": 2, **base.json()}) == base
