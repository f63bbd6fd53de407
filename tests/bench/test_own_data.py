"""A task of one's own, its data in a file: what is made anew when, and what is said about it."""

from __future__ import annotations

import io
import json
import shutil

import numpy as np
from rich.console import Console

from lossbench.bench import sweep
from lossbench.bench.cli.main import main
from lossbench.bench.plan import plan
from lossbench.bench.plan.request import Request
from lossbench.bench.report.analysis.folders import compare_folders

TASK = '''"""Two regressions on a recurrent trunk."""
from pathlib import Path

import keras
import numpy as np

from lossbench.datasets import Head, Task
from lossbench.datasets.core.losses import squared_error
from lossbench.datasets.core.metrics import r2


def data(folder):
    table = np.load(Path(__file__).with_name("table.npz"))
    columns = {"x": table["x"], "a": table["x"][:, :1], "b": table["b"]}
    return dict.fromkeys(("train", "validation", "test"), columns)


def model():
    x = keras.Input((6,))
    hidden = keras.layers.LSTM(3)(keras.layers.Reshape((3, 2))(x))
    return keras.Model(x, {name: keras.layers.Dense(1, name=name)(hidden) for name in "ab"})


heads = tuple(Head(n, squared_error(n, n), metrics=(r2(n, n, chance=0.0),)) for n in "ab")
task = Task(
    summary="s", source="t", dataset="", data=data, model=model, heads=heads, primary="b/r2",
    steps=4, batch_size=8,
)
'''
ALONE = {"single_task": False, "static_weights": False, "budget": 0, "timing": False}


def run(folder, strategies: str) -> str:
    """Trains what is missing; returns what was printed."""
    asked = {"tasks": [folder / "mine.py"], "seeds": 2, "jobs": 1, "out": folder / "out"}
    request = Request(strategies=strategies, **asked, **ALONE)
    said = io.StringIO()
    assert sweep.run(plan.build(request), Console(file=said, width=200)) == 0
    return said.getvalue()


def write(folder, seed: int) -> None:
    random = np.random.default_rng(seed)
    columns = {"x": random.standard_normal((32, 6)), "b": random.standard_normal((32, 1))}
    np.savez(folder / "table.npz", **columns)


def test_other_data_make_results_anew_and_are_told_apart(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(TASK)
    write(tmp_path, 0)
    first = run(tmp_path, "sum,normalized_subtraction")
    assert "2 cells: 0 there already, 2 to run" in first
    assert first.count("can't train several seeds at once") == 1, "said once for both cells"
    shutil.copytree(tmp_path / "out", tmp_path / "before")
    specs = [json.loads(p.read_text()) for p in (tmp_path / "out" / "cells").glob("*/spec.json")]
    assert {len(spec["data"]) for spec in specs} == {16}
    sizes = [spec["hyperparameters"].get("batch_size", 8) for spec in specs]
    assert sizes == [8, 8], "it is told the batch size of the run"

    write(tmp_path, 1)
    second = run(tmp_path, "sum,mean")
    assert "2 cells: 0 there already, 2 to run" in second
    planned = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert planned["strategies"] == ["sum", "mean"], "what ran on other data stands elsewhere"
    found = compare_folders(tmp_path / "before", tmp_path / "out")
    assert "The data of mine differ: its runs are no pairs." in found.notes
    assert set(found.table["numbers"]) == {"other"}

    assert "2 cells: 2 there already, 0 to run" in run(tmp_path, "sum,mean")
    options = ["--strategies", "sum,mean", "--tasks", f"{tmp_path}/mine.py", "--seeds", "2"]
    more = ["--no-single-task", "--no-static-weights", "--tune", "0", "--out", f"{tmp_path}/out"]
    assert main(["plan", *options, *more]) == 0
    said = capsys.readouterr().out
    assert "2 cells, 0 to run" in said
    assert "the others are there, if their data are what they were" in said
