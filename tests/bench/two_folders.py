"""Two results folders that differ in known ways: what the tests of their comparison share."""

import json

import pandas as pd
from invented import TWO_HEADS, write_study

BASE = [0.80, 0.82, 0.83, 0.85, 0.86, 0.88]

ONE = {"two_digits": TWO_HEADS}


def folder(path, **options):
    path.mkdir()
    given = {"strategies": ("sum", "pcgrad"), "tasks": ONE, "seeds": 6, "series": False}
    return write_study(path, **{**given, **options})


def two(tmp_path, a=None, b=None, **both):
    return (
        folder(tmp_path / "a", **{**both, **(a or {})}),
        folder(tmp_path / "b", **{**both, **(b or {})}),
    )


def values(label, numbers, task="two_digits"):
    return {"values": {(label, task): list(numbers)}}


def change_file(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def change_runs(directory, change):
    table = pd.read_parquet(directory / "runs.parquet")
    change(table).to_parquet(directory / "runs.parquet")


def cell(found, label, task="two_digits"):
    return found.table.xs((task, label), level=("task", "label")).iloc[0]
