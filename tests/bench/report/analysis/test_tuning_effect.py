"""What tuning changed, of a study where it made one strategy better."""

from __future__ import annotations

import numpy as np
from invented import TUNED, TWO_HEADS, Tuned, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page import answer
from lossbench.bench.report.read import read

NAMES = ("sum", "a", "weighted")


def tuned(tmp_path, how=TUNED, **options):
    given = {"strategies": NAMES, "tasks": {"t": TWO_HEADS}, "series": False}
    return write_study(tmp_path, tuned=how, **{**given, **options})


def test_what_tuning_changed_is_told(tmp_path):
    base = list(np.linspace(0.80, 0.89, 10))
    values = {("sum", "t"): base, ("a", "t"): base, ("weighted", "t"): base}
    result = compare(read(tuned(tmp_path, Tuned(gains={("a", "t"): 0.02}), values=values)))
    assert result.tuning_effect.to_numpy().tolist() == [["a", "t", "equivalent", "better"]]
    words = answer.answer(result).tuning
    assert "changed 1 of 2 verdicts: a on t (equivalent → better)" in words
    assert "0 pairs of strategy and task before, 1 after" in words
