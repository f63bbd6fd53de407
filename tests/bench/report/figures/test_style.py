"""Looks of strategies: the same in all figures."""

from __future__ import annotations

from invented import STRATEGIES, TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import style
from lossbench.bench.report.read.study import read


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, **options)))


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
