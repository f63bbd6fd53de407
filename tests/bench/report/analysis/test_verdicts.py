"""Verdicts of strategies whose differences are known."""

from __future__ import annotations

import pytest
from invented import TWO_HEADS, write_planted, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page import answer
from lossbench.bench.report.read import read


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, series=False, **options)))


def planted(tmp_path, seeds=10, **shifts):
    return compare(read(write_planted(tmp_path, seeds, **shifts)))


def test_a_copy_is_equivalent_at_any_number_of_seeds(tmp_path):
    for seeds in (2, 5, 10):
        result = planted(tmp_path / str(seeds), seeds=seeds, copy=0.0)
        assert result.tasks["t"].loc["copy", "verdict"] == "equivalent"
        findings = list(map(str, answer.answer(result).tasks[0].findings))
        assert "Equivalent to sum, the same value on every seed: copy." in findings
        assert "copy is equivalent to sum" in answer.answer(result).headline


def test_a_copy_that_fails_more_often_is_not_equivalent(tmp_path):
    same = [0.8 + i / 1000 for i in range(10)]
    result = comparison(
        tmp_path,
        strategies=("sum", "frail"),
        tasks={"t": TWO_HEADS},
        values={("sum", "t"): same, ("frail", "t"): same[2:]},
        diverged={("frail", "t"): 2},
    )
    assert result.tasks["t"].loc["frail", "difference"] == pytest.approx(0)
    assert result.tasks["t"].loc["frail", "verdict"] == "no difference shown"
