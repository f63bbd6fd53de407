"""Tuning in pictures: every trial, and the best of the first k."""

from __future__ import annotations

import pytest
from invented import TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import tuning
from lossbench.bench.report.read.study import read

NAMES = ("sum", "pcgrad", "weighted", "mgda")


def test_trials_are_drawn_where_they_were_tried(tuned):
    figure = tuning.tuned(tuned, "a")
    panels = {axes.get_title(): axes for axes in figure.axes}
    assert set(panels) == set(NAMES)
    trials = tuned.study.trials.query("task == 'a' and label == 'pcgrad'")
    points, chosen, failed = panels["pcgrad"].lines[:3]
    ok = trials["status"] == "ok"
    assert sorted(points.get_xdata()) == pytest.approx(sorted(trials.loc[ok, "learning_rate"]))
    assert list(chosen.get_xdata()) == trials.loc[trials["chosen"], "learning_rate"].to_list()
    assert sorted(failed.get_xdata()) == pytest.approx(sorted(trials.loc[~ok, "learning_rate"]))
    assert failed.get_marker() == "x"
    assert len(failed.get_xdata()) > 0


def test_best_of_k_never_falls_and_ends_at_the_best(tuned):
    axes = tuning.best_of_k(tuned, "a").axes[0]
    best = tuned.tuning.xs("a", level="task")["best_score"]
    ends = {line.get_color(): line.get_ydata() for line in axes.lines}
    assert len(ends) == len(NAMES)
    assert sorted(values[-1] for values in ends.values()) == pytest.approx(sorted(100 * best))
    assert all((values[1:] >= values[:-1]).all() for values in ends.values())


def test_an_untuned_task_has_no_trials_to_draw(tmp_path):
    study = compare(read(write_study(tmp_path, strategies=NAMES, tasks={"a": TWO_HEADS}, seeds=3)))
    assert tuning.tuned(study, "a") is None
    assert tuning.best_of_k(study, "a") is None
