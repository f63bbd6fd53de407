"""Figures: what is drawn, what is left out, and that every strategy can be found."""

from __future__ import annotations

import html
import re

import matplotlib as mpl
import numpy as np
import pytest
from invented import ERROR, STRATEGIES, TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import differences, learning_curves, style, trade_off, write
from lossbench.bench.report.read.study import read


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, **options)))


def _texts(figure):
    return [text.get_text() for text in figure.findobj(mpl.text.Text)]


def test_each_figure_is_drawn_as_png_and_svg(tmp_path):
    drawn = write.draw(comparison(tmp_path), tmp_path / "figures")
    assert set(drawn["two_digits"]) == {"differences", "curves", "trade-off", "time"}
    assert set(drawn["autoencode"]) == {"differences", "curves", "time"}  # it has one head
    for path in (path for of_task in drawn.values() for path in of_task.values()):
        assert path.read_text(encoding="utf-8").rstrip().endswith("</svg>")
        assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_what_a_folder_cannot_show_is_left_out(tmp_path):
    study = comparison(
        tmp_path,
        strategies=("sum", "pcgrad"),
        tasks={"lost": TWO_HEADS, "one": ERROR},
        crashed=(("sum", "lost"), ("pcgrad", "lost")),
        absent=(("pcgrad", "one"),),
    )
    drawn = write.draw(study, tmp_path / "figures")
    assert drawn["lost"] == {}
    assert set(drawn["one"]) == {"curves"}  # one strategy: nothing to set against each other


def test_the_forest_names_every_strategy_and_its_failures(tmp_path):
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
    assert "no run finished" in _texts(figure)


def test_an_interval_of_the_forest_stands_where_its_numbers_say(tmp_path):
    study = comparison(tmp_path, strategies=("sum", "pcgrad"))
    row = study.tasks["two_digits"].loc["pcgrad"]
    lines = differences.differences(study, "two_digits").axes[0].lines
    assert any(np.array_equal(line.get_xdata(), [row["low"], row["high"]]) for line in lines)


def test_a_far_strategy_does_not_hide_the_others(tmp_path):
    rng = np.random.default_rng(0)
    values = {(label, "t"): list(0.8 + rng.normal(0, 0.002, 10)) for label in STRATEGIES}
    values["mgda", "t"] = list(0.1 + rng.normal(0, 0.002, 10))
    study = comparison(tmp_path, tasks={"t": TWO_HEADS}, values=values)
    figure = differences.differences(study, "t")
    assert figure.axes[0].get_xlim()[0] > -0.3
    assert any("←" in text and "-0.7" in text for text in _texts(figure))


def test_colours_are_one_per_strategy_and_few_among_many(tmp_path):
    few = comparison(tmp_path / "few")
    assert list(style.highlights(few)) == list(STRATEGIES)
    names = ("sum", *(f"s{i:02d}" for i in range(20)))
    many = comparison(tmp_path / "many", strategies=names, tasks={"t": TWO_HEADS})
    chosen = list(style.highlights(many))
    best = many.tasks["t"]["difference"].idxmax()
    assert chosen[:2] == ["sum", best]
    assert len(chosen) == style.FEW
    some = comparison(tmp_path / "some", strategies=names[:16], tasks={"t": TWO_HEADS})
    looks = style.highlights(some)
    assert list(looks) == list(names[:16])
    assert len(set(looks.values())) == 16  # no two look the same


def test_failed_seeds_end_in_a_cross_and_leave_the_mean(tmp_path):
    study = comparison(tmp_path, strategies=("sum", "mgda"), diverged={("mgda", "two_digits"): 4})
    figure = learning_curves.curves(study, "two_digits")
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert len(crosses) == 4
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["sum", "mgda (6 of 10 finished)", "failed"]


@pytest.mark.parametrize("label", ["$x_1$ or $y$", "_hidden", "a" * 80, "<b>&\"'"])
def test_odd_labels_are_drawn_as_they_are(tmp_path, label):
    study = comparison(tmp_path, strategies=("sum", label), tasks={"t": TWO_HEADS}, seeds=6)
    drawn = write.draw(study, tmp_path / "figures")
    visible = re.sub(r"a{70,}", "a" * 19 + "…" + "a" * 10, label)  # the middle is left out
    for path in drawn["t"].values():
        svg = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert visible in html.unescape(svg)
    legend = trade_off.trade_off(study, "t").legends[0]
    assert len(legend.get_texts()) == 2


def test_curves_of_failed_seeds_alone_are_drawn_up_to_the_bad_step(tmp_path):
    lost = {("sum", "two_digits"): 10, ("mgda", "two_digits"): 10}
    study = comparison(tmp_path, strategies=("sum", "mgda"), diverged=lost)
    lines = learning_curves.curves(study, "two_digits").axes[0].lines
    assert len(lines) == 2 * 20  # a dotted line and a cross each
    assert max(line.get_xdata()[-1] for line in lines) <= 37 + 9
