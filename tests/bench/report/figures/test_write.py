"""Figures as files: which are drawn, and what is written in them."""

from __future__ import annotations

import html
import re

import pytest
from invented import ERROR, TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import trade_off, write
from lossbench.bench.report.read.study import read


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, **options)))


def names_of(figures, task):
    return {each.exhibit.kind for each in figures if each.fields.get("task") == task}


def test_each_figure_is_drawn_as_png_and_svg(tmp_path):
    drawn = write.draw(comparison(tmp_path), tmp_path / "figures")
    both = {"differences", "learning curves", "quality by time"}
    assert names_of(drawn, "two_digits") == both | {"trade off"}
    assert names_of(drawn, "autoencode") == both  # it has one head
    for each in drawn:
        assert each.svg.read_text(encoding="utf-8").rstrip().endswith("</svg>")
        assert each.svg.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_what_a_folder_cannot_show_is_left_out(tmp_path):
    study = comparison(
        tmp_path,
        strategies=("sum", "pcgrad"),
        tasks={"lost": TWO_HEADS, "one": ERROR},
        crashed=(("sum", "lost"), ("pcgrad", "lost")),
        absent=(("pcgrad", "one"),),
    )
    drawn = write.draw(study, tmp_path / "figures")
    assert names_of(drawn, "lost") == set()
    assert names_of(drawn, "one") == {"learning curves"}  # one strategy: nothing to compare


@pytest.mark.parametrize("label", ["$x_1$ or $y$", "_hidden", "a" * 80, "<b>&\"'"])
def test_odd_labels_are_drawn_as_they_are(tmp_path, label):
    study = comparison(tmp_path, strategies=("sum", label), tasks={"t": TWO_HEADS}, seeds=6)
    drawn = write.draw(study, tmp_path / "figures")
    visible = re.sub(r"a{70,}", "a" * 19 + "…" + "a" * 10, label)  # the middle is left out
    for path in (each.svg for each in drawn if each.fields):
        svg = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert visible in html.unescape(svg)
    legend = trade_off.trade_off(study, "t").legends[0]
    assert len(legend.get_texts()) == 2
