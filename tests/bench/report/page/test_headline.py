"""The headline: who beats the baseline, who equals it, who can't be told from it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from invented import TWO_HEADS, write_planted, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page import answer
from lossbench.bench.report.read import read


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, series=False, **options)))


def planted(tmp_path, seeds=10, **shifts):
    return compare(read(write_planted(tmp_path, seeds, **shifts)))


def test_the_headline_names_who_beats_whom_by_how_much(tmp_path):
    words = answer.answer(planted(tmp_path, good=0.03, bad=-0.05, copy=0.0)).headline
    assert re.match(
        r"On 1 task with 10 seeds: good beats sum on t by 0\.0(29|30|31) \[\+0\.0", words
    )
    assert re.search(r"bad does worse than sum on t by 0\.05\d \[-0\.05\d, -0\.0\d+\]", words)
    assert "copy is equivalent to sum" in words


def test_a_narrow_interval_is_equivalent_a_wide_one_is_not(tmp_path):
    base = 0.8 + np.random.default_rng(5).normal(0, 0.02, 12)
    signs = np.tile([1.0, -1.0], 6)
    values = {
        ("sum", "t"): list(base),
        ("near", "t"): list(base + 0.002 * signs),  # 1 % of what sum learned is 0.007
        ("wide", "t"): list(base + 0.05 * signs),
    }
    tasks = {"t": TWO_HEADS}
    options = {"strategies": ("sum", "near", "wide"), "tasks": tasks, "seeds": 12}
    result = comparison(tmp_path, values=values, **options)
    table = result.tasks["t"]
    assert result.margin("t") == pytest.approx(0.01 * (base.mean() - 0.1))
    assert table["verdict"].tolist() == ["baseline", "equivalent", "no difference shown"]
    words = answer.answer(result).headline
    assert "near is equivalent to sum; no difference could be shown for wide" in words


def test_five_seeds_are_too_few_and_the_words_say_so(tmp_path):
    words = answer.answer(planted(tmp_path, seeds=5, good=0.03)).headline
    assert "5 seeds are too few to tell any strategy from sum" in words
