"""Learning curves: of the seeds that finished, and of those that failed."""

from __future__ import annotations

from invented import write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import learning_curves
from lossbench.bench.report.read.study import read


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, **options)))


def test_failed_seeds_end_in_a_cross_and_leave_the_mean(tmp_path):
    study = comparison(tmp_path, strategies=("sum", "mgda"), diverged={("mgda", "two_digits"): 4})
    figure = learning_curves.learning_curves(study, "two_digits")
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert len(crosses) == 4
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["sum", "mgda (6 of 10 finished)", "failed"]


def test_curves_of_failed_seeds_alone_are_drawn_up_to_the_bad_step(tmp_path):
    lost = {("sum", "two_digits"): 10, ("mgda", "two_digits"): 10}
    study = comparison(tmp_path, strategies=("sum", "mgda"), diverged=lost)
    lines = learning_curves.learning_curves(study, "two_digits").axes[0].lines
    assert len(lines) == 2 * 20  # a dotted line and a cross each
    assert max(line.get_xdata()[-1] for line in lines) <= 37 + 9
