"""The tables of the cost of a step."""

import math

from invented import write_study
from timed_rows import BOTH, frame, row

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.read import read
from lossbench.bench.report.tables import cost as cost_tables
from lossbench.bench.report.tables import write

WHERE = {"task": "reference_2", "device": "cpu", "precision": "float32"}


def entries(table):
    """Strategy to column to entry."""
    return {line[0].text: dict(zip(table.columns, line, strict=True)) for line in table.rows}


def test_xla_off_and_on_stand_beside_each_other():
    table = entries(cost_tables.table(frame(*BOTH), WHERE))
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
    table = entries(cost_tables.table(frame(failed, row("mine", ratio=3.0), *BOTH), WHERE))
    assert list(table)[-1] == "mine"
    assert table["mine"]["Over sum, XLA"][::3] == ("failed", "failed")
    assert table["mine"]["Note"].text == "XLA on: no det in XLA"


def test_a_warning_of_both_variants_stands_once():
    words = "its loop was traced more than once; the machine was loaded: 60 % of its core"
    table = entries(
        cost_tables.table(frame(row("a", words=words), row("a", "on", words=words)), WHERE)
    )
    assert table["a"]["Note"].text == "its loop was traced more than once"


def test_tables_are_one_per_problem_with_the_fewest_losses_first(tmp_path):
    times = frame(row("sum", task="reference_3", losses=3), *BOTH)
    times.to_parquet(write_study(tmp_path, seeds=2, series=False) / "times.parquet")
    comparison = compare(read(tmp_path))
    found = [each.stem for each in write.make(comparison) if each.exhibit is cost_tables.COST]
    assert found == ["cost-reference_2-cpu-float32", "cost-reference_3-cpu-float32"]
