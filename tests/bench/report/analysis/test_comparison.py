"""Statistics against hand-computed values and other implementations; tables of known studies."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from study_fixture import TWO_HEADS, heads_of, write_study

from lossbench.bench.report.analysis import comparison as compare
from lossbench.bench.report.analysis.single_task import notes, sentence, single_task
from lossbench.bench.report.page import answer
from lossbench.bench.report.read import study
from lossbench.bench.report.read.study import read
from lossbench.bench.report.tables import write
from lossbench.bench.report.tables.failures import failure_table
from lossbench.bench.report.tables.overall import overall_table
from lossbench.bench.statistics import intervals, paired
from lossbench.bench.store.scores import score


def comparison(tmp_path, **options):
    return compare.compare(read(write_study(tmp_path, series=False, **options)))


# ---- statistics


def test_t_interval_by_hand():
    # mean 2, SD 1, n 3: 2 +- 4.302653 / sqrt(3)
    table = intervals.t_intervals(pd.DataFrame({"a": [1.0, 2.0, 3.0], "one": [1.0, None, None]}))
    assert table.loc["a", "low"] == pytest.approx(-0.484138, abs=1e-6)
    assert table.loc["a", "high"] == pytest.approx(4.484138, abs=1e-6)
    assert table.loc["one", "pairs"] == 1
    assert np.isnan(table.loc["one", "low"])


def test_t_interval_covers_as_often_as_it_says():
    draws = np.random.default_rng(0).normal(0.3, 2.0, (10, 2000))
    table = intervals.t_intervals(pd.DataFrame(draws))
    covered = ((table["low"] < 0.3) & (table["high"] > 0.3)).mean()
    assert 0.94 < covered < 0.96


def test_sign_flip_by_hand():
    assert paired.sign_flip(np.array([1.0, 2.0, 3.0])) == 2 / 8
    assert paired.sign_flip(np.array([3.0, -1.0, 1.0])) == 6 / 8
    assert paired.sign_flip(np.array([1.0, 2.0, -3.0])) == 1
    assert paired.sign_flip(np.zeros(10)) == 1
    assert np.isnan(paired.sign_flip(np.array([np.nan])))


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=11))
def test_sign_flip_is_the_full_enumeration(tenths):
    # In integers there is no rounding, so that ties are exact; in floats they must stay ties.
    patterns = itertools.product([-1, 1], repeat=len(tenths))
    sums = [abs(sum(s * d for s, d in zip(p, tenths, strict=True))) for p in patterns]
    share = sum(s >= abs(sum(tenths)) for s in sums) / len(sums)
    assert paired.sign_flip(np.array(tenths) / 10) == pytest.approx(share, abs=1e-15)


def test_sign_flip_agrees_with_scipy_and_with_the_binomial_test():
    rng = np.random.default_rng(1)
    d = rng.normal(0.3, 1, 12)
    other = stats.permutation_test(
        (d,), np.sum, permutation_type="samples", n_resamples=np.inf
    ).pvalue
    assert paired.sign_flip(d) == pytest.approx(other, abs=1e-12)
    # With equal sizes only the number of minus signs counts. 30 is exact, 50 is drawn.
    ones = np.where(np.arange(30) < 9, -1.0, 1.0)
    assert paired.sign_flip(ones) == pytest.approx(stats.binomtest(9, 30).pvalue, rel=1e-12)
    ones = np.where(np.arange(50) < 18, -1.0, 1.0)
    assert paired.sign_flip(ones) == pytest.approx(stats.binomtest(18, 50).pvalue, abs=0.003)


def test_holm_by_hand():
    adjusted = paired.holm(pd.Series([0.01, np.nan, 0.04, 0.03], index=list("abcd")))
    np.testing.assert_allclose(adjusted, [0.03, np.nan, 0.06, 0.06])
    assert paired.holm(pd.Series([0.6, 0.9])).tolist() == [1, 1]


def test_win_share_counts_ties_half_and_failures_as_lost():
    scores = pd.DataFrame(
        {
            "sum": [1.0, 2.0, 3.0, np.nan, -np.inf, -np.inf],
            "a": [2.0, 2.0, -np.inf, 5.0, 0.0, -np.inf],
        }
    )
    # won, tie, lost, no pair, won, tie
    assert paired.win_shares(scores, "sum")["a"] == pytest.approx(3 / 5)


@pytest.mark.parametrize("comparisons", [1, 2, 5, 12, 44])
def test_fewest_pairs_is_the_first_that_can_pass(comparisons):
    n = paired.fewest_pairs(comparisons)
    assert 2 / 2**n * comparisons < 0.05 <= 2 / 2 ** (n - 1) * comparisons


# ---- tables of known studies


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
    assert (a["p"], a["p_holm"], a["win_share"], a["pairs"]) == (0.25, 0.25, 1, 3)
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


def test_a_gain_at_the_expense_of_another_metric_is_said(tmp_path):
    base = np.linspace(0.8, 0.89, 10)
    write_study(
        tmp_path,
        strategies=("sum", "greedy"),
        tasks={"t": TWO_HEADS},
        values={("sum", "t"): list(base), ("greedy", "t"): list(base + 0.02)},
    )
    runs = pd.read_parquet(tmp_path / "runs.parquet").sort_values(["label", "seed"])
    drop = np.linspace(0.029, 0.031, 10)
    runs["metric/right/accuracy/test"] = np.concatenate([base - drop, base])
    runs.to_parquet(tmp_path / "runs.parquet")
    result = compare.compare(read(tmp_path))
    assert result.tasks["t"].loc["greedy", "right/accuracy difference"] == pytest.approx(-0.03)
    better = answer.answer(result).tasks[0].findings[1]
    assert better.lead == "Better than sum"
    assert better.items == [
        "greedy +0.020 [+0.020, +0.020], at the expense of right/accuracy -0.030 [-0.030, -0.030]"
    ]


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
    assert a["verdict"] == "better where it finished"  # it fails more often than sum
    assert (lost["crashed"], lost["verdict"]) == (10, "no run finished")
    assert (lost["variant"], lost["cost"]) == ("cpu, XLA off", "1 backward")
    assert lost["with_failures"] == pytest.approx(0.1)
    assert result.overall["failures"].to_dict() == {"sum": 0, "a": 2, "lost": 10}
    assert "2 diverged and 10 crashed" in answer.answer(result).failures
    text = write.markdown(failure_table(result))
    assert "| a | two_digits | cpu, XLA off | diverged | 2 of 10 | 37 to 38 | loss of head" in text


def test_failures_without_a_chance_level_have_no_invented_score(tmp_path):
    runs = read(write_study(tmp_path, tasks={"t": TWO_HEADS}, diverged={("mgda", "t"): 1}))
    runs.plan["tasks"]["t"]["metrics"]["left/accuracy"]["chance"] = None
    table = compare.compare(runs).tasks["t"]
    assert np.isnan(table.loc["mgda", "with_failures"])
    assert table.loc["sum", "with_failures"] == table.loc["sum", "left/accuracy mean"]


def test_without_sum_the_first_strategy_is_the_baseline_and_the_report_says_so(tmp_path):
    result = comparison(tmp_path, strategies=("pcgrad", "mgda"))
    assert result.baseline == "pcgrad"
    assert any("sum was not run" in note for note in result.notes)


def test_missing_cells_stay_visible(tmp_path):
    result = comparison(tmp_path, absent=(("mgda", "two_digits"),))
    assert result.tasks["two_digits"].loc["mgda", "verdict"] == "not run"
    assert "| mgda | not run |" in write.markdown(overall_table(result))
    assert any("1 of 12 cells have not run: mgda on two_digits" in n for n in result.notes)


def test_a_baseline_that_failed_everywhere_compares_with_nothing(tmp_path):
    result = comparison(tmp_path, diverged={("sum", "two_digits"): 10})
    table = result.tasks["two_digits"]
    assert set(table["verdict"]) == {"baseline", "no pairs"}
    assert any("sum has no finished run on two_digits" in note for note in result.notes)
    assert "No run of sum finished." in map(str, answer.answer(result).tasks[0].findings)


def test_few_seeds_and_many_comparisons_are_said_in_words(tmp_path):
    few = comparison(tmp_path / "few", seeds=5)
    assert any("5 seeds or fewer" in note for note in few.notes)
    assert "too few seeds for a verdict" in answer.answer(few).headline
    names = ("sum", *(f"s{i}" for i in range(44)))
    many = comparison(tmp_path / "many", strategies=names, tasks={"t": TWO_HEADS})
    assert any("44 comparisons (t): use at least 11 seeds" in note for note in many.notes)
    assert "no difference can pass the correction" in answer.answer(many).headline
    leans = many.tasks["t"].query("verdict in ('better, uncorrected', 'worse, uncorrected')")
    assert len(leans) > 10
    assert ((leans["low"] > 0) | (leans["high"] < 0)).all()
    enough = comparison(tmp_path / "enough", strategies=names, seeds=11, tasks={"t": TWO_HEADS})
    assert not any("comparisons (t)" in note for note in enough.notes)


def test_outcomes_are_of_the_commonest_variant_and_times_of_each(tmp_path):
    both = (("cpu", "off"), ("cpu", "on"))
    result = comparison(tmp_path, variants=both)
    assert set(result.tasks["two_digits"]["variant"]) == {"cpu, XLA off"}
    assert result.tasks["two_digits"]["ok"].eq(10).all()  # each seed once
    assert (result.times.xs("sum", level="label").filter(like="ratio") == 1).all(axis=None)
    assert result.times.loc[("two_digits", "pcgrad"), "cpu, XLA on ratio"] > 1.5
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    fewer = (runs["xla"] == "off") & (runs["label"] != "sum")
    runs[~fewer].to_parquet(tmp_path / "runs.parquet")
    result = compare.compare(read(tmp_path))
    assert set(result.tasks["two_digits"]["variant"]) == {"cpu, XLA on"}


# ---- single-task references

ALONE = ("weighted(weights=(1.0, 0.0))", "weighted(weights=(0.0, 1.0))")


def referenced(tmp_path, **options):
    two = {"strategies": ("sum", "a"), "tasks": {"t": TWO_HEADS}, "seeds": 3, "references": True}
    known = {(ALONE[0], "t"): [0.8] * 3, ("sum", "t"): [0.6] * 3, ("a", "t"): [0.5, 0.7, 0.9]}
    known = {key: values * 2 for key, values in known.items()}  # enough for more seeds
    write_study(tmp_path, series=False, values=known, **{**two, **options})
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    right = runs["label"].map({ALONE[1]: 0.5, "sum": 0.5, "a": 0.25, ALONE[0]: 0.2})
    runs["metric/right/accuracy/test"] = right.where(runs["status"] == "ok")
    one = dict.fromkeys(runs["cell"], "one")
    runs = score(runs, one, {"t": heads_of(TWO_HEADS)})
    runs.to_parquet(tmp_path / "runs.parquet")
    return compare.compare(read(tmp_path))


def test_references_are_no_strategies_of_the_comparison(tmp_path):
    with_them = referenced(tmp_path / "with")
    without = referenced(tmp_path / "without", references=False)
    assert with_them.study.labels == ["sum", "a"]
    assert list(with_them.tasks["t"].index) == ["sum", "a"]
    assert len(with_them.study.single_task) == 6
    left, right = with_them.tasks["t"].loc["a"], without.tasks["t"].loc["a"]
    assert left["p_holm"] == right["p_holm"], "nor of the family of tests"
    assert with_them.study.variants == without.study.variants
    assert not any("weighted" in note for note in with_them.notes)


def test_a_reference_that_is_asked_for_is_both(tmp_path):
    result = referenced(tmp_path, strategies=("sum", ALONE[0], "a"))
    assert result.study.labels == ["sum", ALONE[0], "a"]
    # Left like its reference, right (0.2 - 0.5) / 0.5.
    assert result.tasks["t"].loc[ALONE[0], "delta_m mean"] == pytest.approx(-30)
    assert result.single_task["runs"].tolist() == [3, 3]


def test_scores_of_a_known_table_stand_in_all_tables(tmp_path):
    result = referenced(tmp_path)
    table = result.tasks["t"]
    # sum: left -25 %, right 0. a: left -37.5, -12.5, 12.5 %, right -50 %.
    assert table.loc["sum", "delta_m mean"] == pytest.approx(-12.5)
    assert table.loc["a", "delta_m mean"] == pytest.approx(-31.25)
    assert table.loc["a", "delta_m sd"] == pytest.approx(12.5)
    # Retained: left 5/7, right 1.
    assert table.loc["sum", "normalized_score mean"] == pytest.approx((5 / 7 + 1) / 2)
    assert result.overall.loc["a", "t delta_m"] == pytest.approx(-31.25)
    folder = tmp_path / "tables"
    write.write(write.make(result), folder)
    text = (folder / "t.md").read_text(encoding="utf-8")
    assert "| -31.2 ± 12.5 |" in text
    assert "| 86 ± 0 |" in text
    assert "weighted" not in text
    assert "| -31.2 |" in (folder / "overall.md").read_text(encoding="utf-8")
    scores = pd.read_csv(folder / "single_task.csv")
    assert scores["metric"].tolist() == ["left/accuracy", "right/accuracy"]
    assert scores["mean"].tolist() == pytest.approx([0.8, 0.5])
    assert "left/accuracy 0.800 ± 0.000, right/accuracy 0.500 ± 0.000" in sentence(
        result.single_task, "t"
    )


def test_failed_runs_retain_nothing_and_failed_references_are_said(tmp_path):
    lost = {("a", "t"): 1, (ALONE[1], "t"): 1}
    result = referenced(tmp_path, diverged=lost, seeds=4)
    # The first seed of both fails; the others have a reference.
    assert result.tasks["t"].loc["a", "normalized_score mean"] > 0
    assert any("right on t (3 of 4 seeds)" in note for note in result.notes)
    assert not any("left on t" in note for note in result.notes)
    failed = referenced(tmp_path / "failed", diverged={("a", "t"): 2}, seeds=4)
    kept = failed.study.runs.query("label == 'a'")["normalized_score"]
    assert sorted(kept)[:2] == [0, 0]
    assert failed.tasks["t"].loc["a", "normalized_score mean"] == pytest.approx(kept.sum() / 4)


def test_references_at_chance_are_said(tmp_path):
    result = referenced(tmp_path)
    assert not any("no better than chance" in note for note in result.notes)
    about = result.study.plan["tasks"]["t"]["metrics"]["right/accuracy"]
    about["chance"] = 0.5
    (note,) = notes(single_task(result.study))
    assert "right on t (3 of 3 seeds)" in note
    assert "left" not in note


def test_without_references_there_are_no_scores(tmp_path):
    result = referenced(tmp_path, references=False)
    assert not any("delta_m" in column for column in result.tasks["t"])
    assert sentence(result.single_task, "t") == ""
    assert "Δm" not in write.markdown(overall_table(result))


# ---- folders that cannot be read


def test_a_sentence_names_the_first_few():
    assert study.enumerate_(list("abc"), most=2) == "a, b and 1 more"
    assert study.enumerate_(list("ab"), most=2) == "a, b"
