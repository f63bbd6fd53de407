"""The table of a task, of studies whose numbers are known."""

from __future__ import annotations

import numpy as np
import pytest
from invented import TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page import answer
from lossbench.bench.report.read import read
from lossbench.bench.report.tables.failures import failure_table
from lossbench.bench.report.tables.markdown import markdown


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, series=False, **options)))


def test_paired_difference_of_a_known_table(tmp_path):
    table = comparison(
        tmp_path,
        strategies=("sum", "a"),
        seeds=3,
        values={("sum", "two_digits"): [0.1, 0.2, 0.3], ("a", "two_digits"): [0.2, 0.4, 0.6]},
    ).tasks["two_digits"]
    a = table.loc["a"]
    assert a["left/accuracy mean"] == pytest.approx(0.4)
    assert a["left/accuracy sd"] == pytest.approx(0.2)
    assert a["difference"] == pytest.approx(0.2)
    assert (a["low"], a["high"]) == pytest.approx((-0.0484138, 0.4484138), abs=1e-6)
    assert (a["p"], a["p_adjusted"], a["win_share"], a["pairs"]) == (0.25, 0.25, 1, 3)
    assert a["correlation"] == pytest.approx(1)
    assert a["verdict"] == "descriptive only"
    assert table.loc["sum", "verdict"] == "baseline"
    assert table.loc["sum", ["difference", "p", "win_share"]].isna().all()


def test_positive_is_better_for_a_metric_that_falls(tmp_path):
    result = comparison(
        tmp_path,
        strategies=("sum", "good", "frail"),
        diverged={("frail", "autoencode"): 5},
        values={
            ("frail", "autoencode"): [0.02] * 5,
            ("sum", "autoencode"): [0.04 + i / 1000 for i in range(10)],
            ("good", "autoencode"): [0.03 + i / 1000 for i in range(10)],
        },
    )
    good = result.tasks["autoencode"].loc["good"]
    assert good["difference"] == pytest.approx(0.01)
    assert good["win_share"] == 1
    assert good["p"] == 2 / 2**10
    assert good["verdict"] == "better"
    frail = result.tasks["autoencode"].loc["frail"]
    assert frail["with_failures"] == pytest.approx((0.02 + 0.06) / 2)  # chance is 0.06
    assert result.overall.loc["good", "autoencode verdict"] == "better"


def test_a_copy_of_sum_is_equivalent(tmp_path):
    same = list(np.random.default_rng(3).uniform(0.8, 0.9, 10))
    table = comparison(
        tmp_path,
        strategies=("sum", "copy"),
        values={("sum", "two_digits"): same, ("copy", "two_digits"): same},
    ).tasks["two_digits"]
    copy = table.loc["copy"]
    assert (copy["difference"], copy["low"], copy["high"], copy["p"]) == (0, 0, 0, 1)
    assert copy["win_share"] == 0.5
    assert copy["verdict"] == "equivalent"


def test_failed_seeds_are_counted_and_never_dropped(tmp_path):
    result = comparison(
        tmp_path,
        strategies=("sum", "a", "lost"),
        diverged={("a", "two_digits"): 2},
        crashed=(("lost", "two_digits"),),
        values={("sum", "two_digits"): [0.8] * 10, ("a", "two_digits"): [0.9] * 8},
    )
    table = result.tasks["two_digits"]
    a, lost = table.loc["a"], table.loc["lost"]
    assert (a["ok"], a["diverged"], a["crashed"], a["failures"], a["pairs"]) == (8, 2, 0, 2, 8)
    assert a["left/accuracy mean"] == pytest.approx(0.9)  # of those that finished
    assert a["with_failures"] == pytest.approx((8 * 0.9 + 2 * 0.1) / 10)  # chance is 0.1
    assert a["win_share"] == pytest.approx(0.8)
    assert a["p"] == pytest.approx(112 / 1024)  # eight pairs won, two lost by as much
    assert a["verdict"] == "no difference shown"
    assert (lost["crashed"], lost["verdict"]) == (10, "no run finished")
    assert (lost["variant"], lost["cost"]) == ("cpu, XLA off", "1 backward")
    assert lost["with_failures"] == pytest.approx(0.1)
    assert result.overall["failures"].to_dict() == {"sum": 0, "a": 2, "lost": 10}
    assert "2 diverged and 10 crashed" in answer.answer(result).failures
    text = markdown(failure_table(result))
    assert "| a | two_digits | cpu, XLA off | diverged | 2 of 10 | 37 to 38 | loss of head" in text


@pytest.mark.parametrize(
    ("values", "failed", "verdict"),
    [
        ([0.9] * 9, 1, "better where it finished"),  # it fails more often than sum
        ([0.7, 0.6, 0.75, 0.65, 0.7, 0.6, 0.7], 3, "worse"),
        ([0.81, 0.82, 0.81, 0.82, 0.81, 0.82], 4, "no difference shown"),
    ],
)
def test_a_failed_run_is_a_lost_pair(tmp_path, values, failed, verdict):
    table = comparison(
        tmp_path,
        strategies=("sum", "a"),
        diverged={("a", "two_digits"): failed},
        values={("sum", "two_digits"): [0.8] * 10, ("a", "two_digits"): values},
    ).tasks["two_digits"]
    assert table.loc["a", "verdict"] == verdict
    assert table.loc["a", "pairs"] == len(values)


def test_failures_without_a_chance_level_have_no_invented_score(tmp_path):
    runs = read(write_study(tmp_path, tasks={"t": TWO_HEADS}, diverged={("mgda", "t"): 1}))
    runs.plan["tasks"]["t"]["metrics"]["left/accuracy"]["chance"] = None
    table = compare(runs).tasks["t"]
    assert np.isnan(table.loc["mgda", "with_failures"])
    assert table.loc["sum", "with_failures"] == table.loc["sum", "left/accuracy mean"]
