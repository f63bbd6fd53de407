"""The public calls: `lossbench.run` gives and refuses what the command line does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from invented import write_study

import lossbench
from lossbench.bench import api, sweep
from lossbench.bench.cli.main import main
from lossbench.bench.machine import environment
from lossbench.strategies import get

MINE = """
import tensorflow as tf
from lossbench.strategies import LossStrategy

class Mine(LossStrategy):
    def objective(self, losses, state):
        return 2 * tf.reduce_sum(losses), state
"""
# As in a notebook, or in a script that protects nothing by `if __name__ == "__main__"`.
SCRIPT = """
import sys
import lossbench

assert not {{"numpy", "pandas", "tensorflow"}} & set(sys.modules), "importing it is cheap"
results = lossbench.run(
    ["sum", "mine.py"], "two_digits", preset="smoke", seeds=4, steps=20, jobs={jobs},
    single_task=False, static_weights=False, out="python", quiet=True,
)
for name, table in results.tables.items():
    table.to_csv(f"{{name}}.csv")
results.runs.to_parquet("runs.parquet")
print(results.report())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The same run from a script and on the command line, on one thread each."""
    where, jobs = tmp_path_factory.mktemp("api"), environment.cores()
    (where / "mine.py").write_text(MINE)
    (where / "script.py").write_text(SCRIPT.format(jobs=jobs))
    words = [
        *("-m", "lossbench.bench", "run", "--strategies", "sum,mine.py", "--tasks", "two_digits"),
        *("--preset", "smoke", "--seeds", "4", "--steps", "20", "--jobs", str(jobs)),
        *("--no-single-task", "--no-static-weights", "--out", "words"),
    ]
    for arguments in (["script.py"], words):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=where, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        (where / f"{arguments[0].strip('-')}.txt").write_text(done.stdout)
    return where


def test_a_call_returns_the_tables_that_the_command_line_writes(folder):
    written = {path.name: path for path in (folder / "words" / "tables").glob("*.csv")}
    assert {"two_digits.csv", "overall.csv"} < {*written}
    assert {*written} == {path.name for path in folder.glob("*.csv")}
    for name, path in written.items():
        theirs, ours = pd.read_csv(path), pd.read_csv(folder / name)
        measured = [column for column in theirs if " us" in column or "ratio" in column]
        measured += [column for column in theirs if column.startswith("time")]
        pd.testing.assert_frame_equal(
            ours.drop(columns=measured), theirs.drop(columns=measured), check_exact=True
        )


def test_a_call_returns_the_runs_that_the_command_line_writes(folder):
    ours, theirs = (pd.read_parquet(folder / name / "runs.parquet") for name in ("python", "words"))
    metrics = [column for column in theirs if column.startswith("metric/")]
    same = ["label", "task", "seed", "status", "cell", "pairing", "primary_metric", *metrics]
    pd.testing.assert_frame_equal(ours[same], theirs[same], check_exact=True)
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "runs.parquet"), ours)


def test_a_quiet_call_prints_nothing_and_says_where_the_report_is(folder):
    assert (folder / "script.py.txt").read_text().splitlines() == [
        str(folder / "python" / "report.html")
    ]
    page = (folder / "python" / "report.html").read_text(encoding="utf-8")
    assert "lossbench.run(strategies=[&#39;sum&#39;, &#39;mine.py&#39;]" in page, "how it was made"


def test_a_finished_folder_can_be_read(folder, monkeypatch):
    monkeypatch.chdir(folder)
    results = lossbench.read("python")
    assert results.directory == folder / "python"
    assert list(results.verdicts.columns) == ["two_digits"]
    assert results.verdicts.loc["sum", "two_digits"] == "baseline"
    assert set(results.runs["strategy"]) == set(results.verdicts.index) == {"sum", "mine"}
    assert results.failures == 0
    assert repr(results) == f"<Results in {folder / 'python'}: {results.headline}>"
    html = results._repr_html_()
    assert results.headline in html
    assert "<td>baseline</td>" in html
    with pytest.raises(ValueError, match="nowhere is no folder"):
        lossbench.read("nowhere")
    with pytest.raises(ValueError, match="expected a folder, got"):
        lossbench.read(5)  # type: ignore


def test_an_interrupt_reaches_the_caller(tmp_path, monkeypatch):
    def stopped(plan, console):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        lossbench.run("sum", "two_digits", out=tmp_path)


def test_the_root_offers_its_parts():
    assert lossbench.run is lossbench.bench.run is api.run
    assert lossbench.strategies.get("sum") == get("sum")
    assert lossbench.datasets.Task.__name__ == "Task"
    assert {"run", "read", "Results", "strategies", "__version__"} <= {*dir(lossbench)}
    assert lossbench.__version__.split(".")[0].isdigit()
    for package in (lossbench, lossbench.bench):
        with pytest.raises(AttributeError, match="has no attribute 'rnu'"):
            _ = package.rnu


NAN, INFINITY = float("nan"), float("inf")
REFUSED = [  # what the command line is given, and what Python is
    ("--seeds", "0", {"seeds": 0}),
    ("--seeds", "-3", {"seeds": -3}),
    ("--seeds", "x", {"seeds": "x"}),
    ("--seeds", "2.5", {"seeds": 2.5}),
    ("--seeds", "True", {"seeds": True}),
    ("--seeds", "", {"seeds": ""}),
    ("--seeds", "[1, 2]", {"seeds": [1, 2]}),
    ("--seeds", "1000001", {"seeds": 1000001}),
    ("--seeds", "9" * 30, {"seeds": int("9" * 30)}),
    ("--steps", "many", {"steps": "many"}),
    ("--steps", "nan", {"steps": NAN}),
    ("--steps", "10000000000", {"steps": np.int64(10**10)}),
    ("--batch-size", "0", {"batch_size": np.int32(0)}),
    ("--learning-rate", "nan", {"learning_rate": NAN}),
    ("--learning-rate", "-inf", {"learning_rate": -INFINITY}),
    ("--learning-rate", "0", {"learning_rate": 0}),
    ("--learning-rate", "fast", {"learning_rate": "fast"}),
    ("--learning-rate", "True", {"learning_rate": True}),
    ("--learning-rate", "1e+300", {"learning_rate": 1e300}),
    ("--tune", "-1", {"tune": -1}),
    ("--tune", "1000000", {"tune": 1000000}),
    ("--jobs", "0", {"jobs": 0}),
    ("--preset", "quik", {"preset": "quik"}),
    ("--preset", "", {"preset": ""}),
    ("--optimizer", "sdg", {"optimizer": "sdg"}),
    ("--heads", "all", {"heads": "all"}),
    ("--engine", "cloud", {"engine": "cloud"}),
    ("--devices", "cpu,tpu", {"devices": ["cpu", "tpu"]}),
    ("--devices", "", {"devices": []}),
    ("--xla", "maybe", {"xla": "maybe"}),
    ("--xla", "2", {"xla": 2}),
    ("--strategies", "", {"strategies": []}),
    ("--strategies", "pcgard", {"strategies": ["pcgard"]}),
    ("--strategies", "sum,cagrad(d=1)", {"strategies": ("sum", "cagrad(d=1)")}),
    ("--strategies", "cagrad(c=", {"strategies": "cagrad(c="}),
    ("--strategies", "nowhere.py", {"strategies": Path("nowhere.py")}),
    ("--tasks", " , ", {"tasks": []}),
    ("--tasks", "two_digit", {"tasks": "two_digit"}),
    ("--tasks", "two_digits[right*0]", {"tasks": ["two_digits[right*0]"]}),
    ("--scale", "", {"scale": {}}),
    ("--scale", "right", {"scale": "right"}),
    ("--scale", "right=0", {"scale": {"right": 0}}),
    ("--scale", "right=nan", {"scale": {"right": NAN}}),
    ("--scale", "right=1e+300", {"scale": {"right": 1e300}}),
    ("--scale", "=2", {"scale": {"": 2}}),
    ("--scale", "lefty=2", {"scale": {"lefty": 2}}),
    ("--out", "", {"out": ""}),
    ("--data-dir", "  ", {"data_dir": "  "}),
]


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An empty folder to be in, that must stay empty."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not list(tmp_path.iterdir())


def one_line(error: str) -> str:
    assert len(error) < 400
    assert error.isprintable(), "in one line"
    return error


@pytest.mark.parametrize(("option", "word", "given"), REFUSED)
def test_python_refuses_what_the_command_line_refuses_in_the_same_words(
    option, word, given, empty, capsys
):
    for command in ("run", "plan"):
        # A value that looks like an option needs the sign.
        assert main([command, f"{option}={word}"]) == 2
        printed = capsys.readouterr()
        assert not printed.out
    with pytest.raises(ValueError, match=r".") as refused:
        lossbench.run(**given)
    assert printed.err == f"lossbench: {one_line(str(refused.value))}\n"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seeds": 0}, "--seeds: expected a whole number of at least 1, got '0'"),
        ({"tune": 0.5}, "--tune: expected a whole number of at least 0, got '0.5'"),
        ({"seeds": 10**5000}, "--seeds: expected a whole number of at most 1000000, got 'a number"),
        ({"steps": "9" * 500}, "--steps: expected a whole number of at most 1000000000, got '999"),
        ({"strategies": 3}, "--strategies: expected names, calls such as cagrad(c=0.4), or files"),
        ({"strategies": [get("sum")]}, "files such as mine.py:Mine, as strings, got "),
        ({"strategies": {"sum"}}, "as strings, got \"{'sum'}\""),
        ({"strategies": ["sum", ""]}, "as strings, got ''"),
        ({"tasks": {"two_digits": 1}}, "--tasks: expected names or files such as mine.py:task"),
        ({"tasks": b"units"}, "as strings, got \"b'units'\""),
        ({"devices": 3}, "--devices: expected names, as strings, got '3'"),
        (
            {"preset": np.array(["smoke"])},
            "--preset: no choice \"['smoke']\" (did you mean",
        ),
        ({"optimizer": "sdg"}, "--optimizer: no choice 'sdg' (did you mean sgd?); one of adam, sg"),
        ({"scale": 3}, "--scale: expected head=factor with a finite factor above 0, as in"),
        ({"scale": {1: 2}}, "got '1=2'"),
        ({"scale": ["right=1"]}, "got \"['right=1']\""),
        ({"single_task": "no"}, "--single-task: expected True or False, got 'no'"),
        ({"static_weights": 0}, "--static-weights: expected True or False, got '0'"),
        ({"timing": "yes"}, "--timing: expected True or False, got 'yes'"),
        ({"sequential": 1}, "--sequential: expected True or False, got '1'"),
        ({"out": 3}, "--out: expected a folder, got '3'"),
        ({"out": "a\0b"}, "--out: expected a folder, got 'a\\x00b'"),
        ({"out": "~nobody_of_that_name/x"}, "--out: expected a folder, got '~nobody"),
        ({"data_dir": b"x"}, "--data-dir: expected a folder, got"),
    ],
)
def test_what_python_alone_can_give_is_refused_in_a_line_too(given, message, empty):
    with pytest.raises(ValueError, match=r".") as refused:
        lossbench.run(**given)
    assert message in one_line(str(refused.value))


def test_an_unknown_argument_is_no_option(empty):
    with pytest.raises(TypeError, match="seedz"):
        lossbench.run(seedz=3)


def test_reading_a_folder_needs_no_tensorflow(tmp_path):
    folder = write_study(tmp_path / "study", strategies=("sum", "mean"), seeds=2)
    script = f"""
import sys
import lossbench

lossbench.read({str(folder)!r}).report()
assert not {{"tensorflow", "keras", "sklearn"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
