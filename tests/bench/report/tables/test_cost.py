"""The tables and figures of cost: what they say of times.parquet and scaling.parquet."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from study_fixture import write_study

from lossbench.bench.report.analysis import cost
from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import scaling
from lossbench.bench.report.figures.cost import cost_against_quality
from lossbench.bench.report.read.study import read
from lossbench.bench.report.tables import cost as cost_tables
from lossbench.bench.timing import analysis
from lossbench.bench.timing.block import Variant


def row(label, xla="off", ratio=1.5, task="reference_2", **columns):
    made = analysis.blank(Variant(label, xla == "on", "float32", 1), label, task, "cpu", "ok")
    figures = {
        "losses": 2,
        "us": 100 * ratio,
        "ratio": ratio,
        "ratio_low": 0.98 * ratio,
        "ratio_high": 1.02 * ratio,
        "ratio_sd": 0.01,
        "spread": 1.0,
        "processes": 3,
        "trace_s": 0.5,
        "compile_s": 0.25,
        "memory_mb": 30.0,
        "share": 0.4,
        "square_share": 0.2,
        "cpu_share": 1.0,
    }
    about = {"environment": json.dumps({"cpu": "a"}), "code": "c", "finished": 0.0}
    return {**made, **figures, **about, **columns}


def frame(*rows):
    return pd.DataFrame(list(rows))


def cells(table):
    """Strategy to column to cell."""
    return {line[0].text: dict(zip(table.columns, line, strict=True)) for line in table.rows}


SETTING = ("reference_2", "cpu", "float32")
BOTH = (
    row("sum", ratio=1.0),
    row("sum", "on", 1.0, us=40.0, break_even=8000.0),
    row("pcgrad", ratio=1.5),
    row("pcgrad", "on", 1.25, break_even=math.inf, share=0.7, square_share=0.3),
)


def test_xla_off_and_on_stand_beside_each_other():
    table = cells(cost_tables.table(frame(*BOTH), SETTING))
    assert list(table) == ["sum", "pcgrad"]
    pcgrad = table["pcgrad"]
    assert pcgrad["Over sum"][:3] == ("1.50", 1.5, "[1.47, 1.53]")
    assert pcgrad["Over sum, XLA"].text == "1.25"
    assert pcgrad["XLA pays after"].text == "never"
    assert pcgrad["Of plain products"][:3] == ("70 %", 0.7, "30 % of peak")
    assert pcgrad["First call"][:3] == ("0.75 s", 0.75, "traced 0.50 s")
    assert table["sum"]["XLA pays after"].text == "8000 steps"
    assert table["sum"]["Over sum"].detail == ""
    assert table["sum"]["Step, XLA"].text == "40 µs"


def test_what_failed_says_why_and_stands_last():
    failed = row("mine", "on", math.nan, status="failed", reason="no det in XLA")
    table = cells(cost_tables.table(frame(failed, row("mine", ratio=3.0), *BOTH), SETTING))
    assert list(table)[-1] == "mine"
    assert table["mine"]["Over sum, XLA"][::3] == ("failed", "failed")
    assert table["mine"]["Note"].text == "XLA on: no det in XLA"


def test_a_warning_of_both_variants_stands_once():
    words = "its loop was traced more than once; the machine was loaded: 60 % of its core"
    table = cells(
        cost_tables.table(frame(row("a", words=words), row("a", "on", words=words)), SETTING)
    )
    assert table["a"]["Note"].text == "its loop was traced more than once"


def test_tables_are_one_per_problem_with_the_fewest_losses_first():
    times = frame(row("sum", task="reference_3", losses=3), *BOTH)
    assert cost.conditions(times) == [SETTING, ("reference_3", "cpu", "float32")]
    assert list(cost_tables.tables(times)) == [
        "cost-reference_2-cpu-float32",
        "cost-reference_3-cpu-float32",
    ]


def test_notes_say_what_is_absent_noisy_and_not_to_be_told_apart():
    close = row("mean", ratio=1.005, spread=2.0, cpu_share=0.5)
    absent = row("sum", status="unavailable", reason="no GPU found", device="gpu")
    told = " ".join(cost.notes(frame(*BOTH, close, absent)))
    assert "No GPU found." in told
    assert "loaded during 1 of 5 timings: a process had as little as 50 % of its core" in told
    assert "1 of 3 ratios can't be told from 1" in told
    assert "±2.0 % (worst: mean on reference_2, XLA off)" in told
    assert cost.notes(frame(*BOTH[:2])) == []


def test_several_measurements_are_said():
    other = row("pcgrad", environment="{}")
    assert "several runs" in cost.notes(frame(BOTH[0], other))[-1]


@pytest.mark.parametrize("content", [None, "no table", "another table"])
def test_a_folder_without_times_has_none(tmp_path, content):
    if content == "no table":
        (tmp_path / "times.parquet").write_text(content)
    elif content:
        pd.DataFrame({"label": ["sum"]}).to_parquet(tmp_path / "times.parquet")
    assert cost.read(tmp_path) is None


def test_times_are_read_as_they_were_written(tmp_path):
    frame(*BOTH).to_parquet(tmp_path / "times.parquet")
    assert len(cost.read(tmp_path)) == len(BOTH)


@pytest.mark.parametrize("references", [False, True])
def test_cost_stands_against_quality(tmp_path, references):
    comparison = compare(read(write_study(tmp_path, references=references)))
    figure = cost_against_quality(comparison, frame(*BOTH))
    (axes,) = figure.axes
    assert "XLA off" in axes.get_xlabel()
    assert ("Score" in axes.get_ylabel()) == references
    points = {line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1}
    assert {1.0, 1.5} <= points
    assert cost_against_quality(comparison, frame(BOTH[0])) is None
    assert cost_against_quality(comparison, frame(row("sum", status="failed"))) is None


def test_growth_draws_a_panel_per_size_with_the_passes_one_expects(tmp_path):
    rows = frame(
        *(
            row(label, xla, 1 + k / 2, losses=k, wanted=size)
            for label in ("sum", "mgda")
            for xla in ("off", "on")
            for k in (1, 2, 4)
            for size in (10_000, 100_000)
        ),
        row("mgda", status="skipped", losses=32, wanted=100_000),
    )
    figure = scaling.figure(rows)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "10\u2009000 parameters",
        "100\u2009000 parameters",
    ]
    for axes in figure.axes:
        expected = axes.lines[0].get_ydata()
        np.testing.assert_allclose(expected, [1, 5 / 3, 3])
        assert len(axes.lines) == 3
        np.testing.assert_allclose(axes.lines[1].get_ydata(), [1.5, 2, 3])
    paths = scaling.write(rows, tmp_path / "figures")
    assert [path.name for path in paths] == ["scaling.svg", "scaling.png"]
    assert all(path.stat().st_size > 1000 for path in paths)
    assert scaling.write(rows[rows["label"] == "sum"], tmp_path) == []
