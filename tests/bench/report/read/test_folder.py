"""The files of a results folder: what is refused in one line, what is survived and said."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import pytest
from invented import TUNED, TWO_HEADS, write_study

from lossbench.bench.report.read import folder, read
from lossbench.bench.report.read.folder import StudyError


def edit_plan(change):
    def damage(directory):
        path = directory / "plan.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return damage


def edit_runs(change, name="runs"):
    def damage(directory):
        path = directory / f"{name}.parquet"
        change(pd.read_parquet(path)).to_parquet(path)

    return damage


def write_plan(text):
    return lambda directory: (directory / "plan.json").write_text(text)


DEEP = "[" * 100_000 + "]" * 100_000
DAMAGES = [
    (lambda d: (d / "plan.json").unlink(), "has no plan.json"),
    (write_plan("{"), "plan.json can't be read"),
    (write_plan("\x00\xff"), "plan.json can't be read"),
    (write_plan("[]"), "plan.json holds no JSON object"),
    (write_plan(DEEP), "plan.json can't be read"),
    (write_plan(f'{{"tasks": {DEEP}}}'), "plan.json can't be read"),
    (edit_plan(lambda p: p.update(schema=9)), "another version of lossbench (schema 9;"),
    (edit_plan(lambda p: p.pop("schema")), "another version of lossbench (schema None;"),
    (edit_plan(lambda p: p.pop("tasks")), "lacks tasks"),
    (edit_plan(lambda p: p.update(tasks={})), "names no strategies or no tasks"),
    (edit_plan(lambda p: p["tasks"]["autoencode"].pop("primary")), "lacks tasks.autoencode.prim"),
    (
        edit_plan(lambda p: p["tasks"]["autoencode"].update(primary="x/y")),
        "lacks tasks.autoencode.metrics['x/y']",
    ),
    (
        edit_plan(lambda p: p.update(cells=["a", 3])),
        "has another value at cells.1 than a text",
    ),
    (
        edit_plan(lambda p: p["tasks"].pop("autoencode")),
        "has runs of autoencode, which plan.json does not describe",
    ),
    (lambda d: (d / "runs.parquet").unlink(), "has no runs.parquet"),
    (lambda d: (d / "runs.parquet").write_text("x"), "no readable Parquet file"),
    (edit_runs(lambda r: r.drop(columns=["status", "seed"])), "lacks the columns seed, status"),
    (edit_runs(lambda r: r.assign(seed="first")), "other values in column seed"),
    (edit_runs(lambda r: r.assign(budget=float("nan"))), "other values in column budget"),
    (edit_runs(lambda r: r.assign(status="stopped")), "other values in column status"),
    (edit_runs(lambda r: r.assign(label=None)), "other values in column label"),
    (edit_runs(lambda r: r[:0]), "has no rows of this plan"),
    (lambda d: (d / "env.json").write_text("[]"), "env.json holds no JSON object"),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGES, ids=[words for _, words in DAMAGES])
def test_a_folder_that_cannot_be_read_says_why_and_what_to_do(tmp_path, damage, words):
    write_study(tmp_path, strategies=("sum", "mean"), seeds=2)
    damage(tmp_path)
    with pytest.raises(StudyError) as caught:
        read(tmp_path)
    message = str(caught.value)
    assert words in message
    assert "\n" not in message
    assert "run" in message  # the remedy


def test_the_files_of_an_earlier_version_are_refused_and_stay(tmp_path):
    write_study(tmp_path, strategies=("sum", "mean"), seeds=2)
    edit_plan(lambda plan: plan.update(schema=1))(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(StudyError, match=r"schema 1; this one reads 2\): run again into another"):
        read(tmp_path)
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_unknown_columns_are_ignored_and_named(tmp_path):
    write_study(tmp_path, series=False)
    edit_runs(lambda runs: runs.assign(mood="good", **{"hp/x": 1}))(tmp_path)
    study = read(tmp_path)
    assert "mood" not in study.runs
    assert "Unknown columns of runs.parquet are ignored: mood." in study.notes


def test_cells_that_cannot_be_read_are_counted_by_reason(tmp_path):
    write_study(tmp_path, series=False)
    specs = {"old1": '{"schema": 0}', "old2": '{"schema": 0}', "torn": "{", "list": "[]"}
    for name, text in specs.items():
        (tmp_path / "cells" / name).mkdir()
        (tmp_path / "cells" / name / "spec.json").write_text(text)
    (tmp_path / "cells" / "a stray file").write_text("")
    (tmp_path / "cells" / ".half-written").mkdir()
    (note,) = (note for note in read(tmp_path).notes if "stored cells" in note)
    assert note.startswith("4 stored cells can't be read and are not shown (1 spec.json holds no")
    assert "2 of schema 0" in note
    assert "1 spec.json can't be read" in note


def test_cells_of_other_plans_are_said(tmp_path):
    write_study(tmp_path, strategies=("sum", "pcgrad"))
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    foreign = runs[runs["label"] == "sum"].assign(cell="elsewhere", label="old")
    pd.concat([runs, foreign]).to_parquet(tmp_path / "runs.parquet")
    study = read(tmp_path)
    assert "old" not in study.labels
    assert any("other plans that are not shown: 1." in note for note in study.notes)


def tuned(tmp_path):
    return write_study(
        tmp_path, tuned=TUNED, strategies=("sum", "a"), tasks={"t": TWO_HEADS}, series=False
    )


def test_both_budgets_of_a_label_are_kept(tmp_path):
    directory = tuned(tmp_path)
    runs, notes = folder.runs(directory, folder.plan(directory))
    assert runs.groupby(["label", "budget"]).size().loc[["a"]].tolist() == [10, 10]
    assert not any("there twice" in note for note in notes)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (
            edit_runs(lambda t: t.drop(columns=["score", "chosen"]), "trials"),
            "lacks the columns score, chosen",
        ),
        (lambda d: (d / "trials.parquet").write_text("x"), "is no readable Parquet file"),
    ],
)
def test_trials_that_cannot_be_read_are_said_and_the_rest_reported(tmp_path, damage, words):
    directory = tuned(tmp_path)
    damage(directory)
    study = read(directory)
    assert any(words in note and "is not shown" in note for note in study.notes)
    assert study.trials.empty
    assert study.runs["label"].eq("a").sum() == 10


def test_trials_of_other_plans_are_not_those_of_this_one(tmp_path):
    directory = tuned(tmp_path)
    before = folder.trials(directory, folder.plan(directory))[0]
    other = before.assign(cell="elsewhere", score=1.0)
    pd.concat([before, other]).to_parquet(directory / "trials.parquet")
    found, notes = folder.trials(directory, folder.plan(directory))
    pd.testing.assert_frame_equal(found.reset_index(drop=True), before.reset_index(drop=True))
    assert notes == []


def test_no_folder_is_said(tmp_path):
    with pytest.raises(StudyError, match="is no folder"):
        read(tmp_path / "nowhere")


READS = """
import sys
from lossbench.bench.report.read import read
read(__import__("pathlib").Path(sys.argv[1]))
loaded = [name for name in ("tensorflow", "keras", "sklearn") if name in sys.modules]
assert not loaded, loaded
"""


def test_reading_imports_no_tensorflow(tmp_path):
    write_study(tmp_path, strategies=("sum", "mean"), seeds=2, series=False)
    command = [sys.executable, "-c", READS, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
