"""One head against the other, and the static-weights curve."""

from __future__ import annotations

from figure_reader import words
from invented import TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import trade_off
from lossbench.bench.report.read.study import read


def test_the_curve_and_its_weights_are_in_the_picture(tuned):
    figure = trade_off.trade_off(tuned, "a")
    assert len(figure.axes) == 2
    assert {"static weights", "1 : 0", "0 : 1"} <= set(words(figure))
    assert "no static weights reached" in trade_off.caption(tuned, "a")


def test_without_a_curve_there_is_one_panel_and_no_word_of_it(tmp_path):
    names = ("sum", "pcgrad", "mgda")
    study = compare(read(write_study(tmp_path, strategies=names, tasks={"a": TWO_HEADS}, seeds=3)))
    assert len(trade_off.trade_off(study, "a").axes) == 1
    assert "static weights" not in trade_off.caption(study, "a")
