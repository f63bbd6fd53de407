"""Paired differences: every strategy, its interval, its failures, and what is far off."""

from __future__ import annotations

import numpy as np
from figure_reader import words
from invented import STRATEGIES, TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import differences
from lossbench.bench.report.read.study import read


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, **options)))


def test_it_names_every_strategy_and_its_failures(tmp_path):
    names = ("sum", *(f"s{i:02d}" for i in range(44)))
    study = comparison(
        tmp_path,
        strategies=names,
        tasks={"t": TWO_HEADS},
        diverged={("s03", "t"): 2, ("s04", "t"): 11},
        seeds=11,
    )
    figure = differences.differences(study, "t")
    shown = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert sorted(name.split(" ")[0] for name in shown) == list(names[1:])
    assert "s03 (2 failed)" in shown
    assert "no run finished" in words(figure)


def test_an_interval_stands_where_its_numbers_say(tmp_path):
    study = comparison(tmp_path, strategies=("sum", "pcgrad"))
    row = study.tasks["two_digits"].loc["pcgrad"]
    axes = differences.differences(study, "two_digits").axes[0]
    (segment,) = axes.collections[0].get_segments()
    assert segment[:, 0].tolist() == [row["low"], row["high"]]
    assert [row["difference"]] in [list(line.get_xdata()) for line in axes.lines]


def test_a_far_strategy_does_not_hide_the_others(tmp_path):
    rng = np.random.default_rng(0)
    values = {(label, "t"): list(0.8 + rng.normal(0, 0.002, 10)) for label in STRATEGIES}
    values["mgda", "t"] = list(0.1 + rng.normal(0, 0.002, 10))
    study = comparison(tmp_path, tasks={"t": TWO_HEADS}, values=values)
    figure = differences.differences(study, "t")
    assert figure.axes[0].get_xlim()[0] > -0.3
    assert any("←" in text and "-0.7" in text for text in words(figure))
