"""Statistics over tasks against other implementations, by properties, and by simulation."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from lossbench.bench.statistics import (
    equivalence,
    intervals,
    iqm,
    paired,
    ranks,
    signed_rank,
    stratified,
)

STORED = json.loads((Path(__file__).parent / "golden" / "statistics.json").read_text())
SCORES = np.array(STORED["scores"])  # (labels, tasks, seeds); label 0 is the baseline
POOLED = SCORES.reshape(len(SCORES), -1)
TASKS = np.repeat(np.arange(SCORES.shape[1]), SCORES.shape[2])
finite = st.floats(-1, 2, allow_nan=False)
cells = arrays.arrays(float, st.integers(1, 40), elements=finite)


# ---- against stored figures of other packages, see golden/make_statistics.py


def test_iqm_and_lower_tail_are_scipys_where_nothing_is_cut_in_two():
    np.testing.assert_allclose(iqm.iqm(POOLED), STORED["iqm"], rtol=1e-12)
    np.testing.assert_allclose(iqm.cvar(POOLED), STORED["cvar"], rtol=1e-12)


def test_bootstrap_errors_are_those_of_a_bootstrap_in_a_loop():
    value, difference = iqm.iqm_intervals(POOLED, TASKS, POOLED[0], resamples=10_000)
    tasks, seeds = SCORES.shape[1:]
    for estimate, stored in ((value, "iqm_se"), (difference, "iqm_difference_se")):
        half = (estimate.high - estimate.low) / 2
        error = np.array(STORED[stored]) * np.sqrt(seeds / (seeds - 1))
        # Satterthwaite's degrees of freedom lie between those of one task and of all.
        most, least = (stats.t.ppf(0.975, df) for df in (seeds - 1, tasks * (seeds - 1)))
        assert (half >= least * error * 0.97).all()
        assert (half <= most * error * 1.03).all()
    assert difference.low[0] == difference.high[0] == 0


def test_bootstrap_error_on_one_task_agrees_with_arch():
    one = iqm.resample(np.zeros(10), 40_000)
    error = stats.trim_mean(SCORES[1, 0][one], 0.2, axis=1).std(ddof=1)
    assert error == pytest.approx(STORED["one_task_se_arch"], rel=0.03)


@pytest.mark.parametrize("case", STORED["signed_rank"])
def test_bayesian_signed_rank_agrees_with_baycomp(case):
    if "tasks" in case:
        d = np.full(case["tasks"], case["all"])
    else:
        d = SCORES[case["label"]].mean(axis=1) - SCORES[0].mean(axis=1)
    found = signed_rank.signed_rank(d[None], case["rope"])[0]
    wanted = [case["better"], case["equal"], case["worse"]]
    np.testing.assert_allclose(found, wanted, atol=0.012)  # 3 standard errors of 20,000 draws


def test_wilson_agrees_with_statsmodels():
    for successes, n, low, high in STORED["wilson"]:
        found = intervals.wilson(successes / n, n)
        np.testing.assert_allclose(found, [low, high], atol=1e-12)


def test_holm_agrees_with_statsmodels():
    found = paired.holm(pd.Series(STORED["holm"]["p"]))
    np.testing.assert_allclose(found, STORED["holm"]["adjusted"])


def test_ranks_agree_with_scipy_and_scikit_posthocs():
    found = ranks.ranks(pd.DataFrame(SCORES.mean(axis=2).T))
    np.testing.assert_allclose(found.mean, STORED["mean_ranks"])
    assert found.p == pytest.approx(STORED["friedman_p"])
    apart = np.abs(np.subtract.outer(found.mean.to_numpy(), found.mean.to_numpy()))
    nemenyi = np.array(STORED["nemenyi_p"]) < 0.05
    np.testing.assert_array_equal(apart > found.critical_difference, nemenyi)
    assert nemenyi.any()


@pytest.mark.parametrize(("k", "q"), STORED["studentized_range_5"].items())
def test_critical_difference_is_of_the_tabled_range(k, q):
    scores = pd.DataFrame(np.random.default_rng(0).normal(size=(6, int(k))))
    wanted = q / np.sqrt(2) * np.sqrt(int(k) * (int(k) + 1) / 36)
    assert ranks.ranks(scores).critical_difference == pytest.approx(wanted, rel=0.002)


def judged(differences, rope=equivalence.ROPE):
    """Column to its verdict."""
    table = intervals.t_intervals(differences)
    words = equivalence.practical_verdicts(table["low"], table["high"], rope)
    return dict(zip(table.index, words, strict=True))


def test_equivalence_is_two_one_sided_t_tests():
    verdicts = set()
    for label, task, rope, p in STORED["tost"]:
        d = pd.DataFrame({"d": SCORES[label, task] - SCORES[0, task]})
        verdict = judged(d, rope)["d"]
        assert (verdict == equivalence.EQUIVALENT) == (p < 0.025)
        verdicts.add(verdict)
    assert {"equivalent", "better", "worse"} <= verdicts


def test_t_test_is_scipys():
    d = SCORES[2, 0] - SCORES[0, 0]
    found = paired.t_test(pd.DataFrame({"d": d}))["d"]
    assert found == pytest.approx(stats.ttest_1samp(d, 0).pvalue, rel=1e-12)


# ---- edges


def test_a_copy_of_the_baseline_is_equivalent_and_warns_of_nothing():
    found = judged(pd.DataFrame({"copy": np.zeros(10), "one": [0.0] + [np.nan] * 9}))
    assert found["copy"] == "equivalent"
    assert found["one"] == "", "one pair has no interval"
    assert (paired.t_test(pd.DataFrame({"a": np.zeros(3), "b": np.ones(3)})) == [1, 0]).all()
    np.testing.assert_array_equal(signed_rank.signed_rank(np.zeros((2, 1))), [[0, 1, 0]] * 2)
    won = stratified.share(stratified.wins(POOLED[0], POOLED[0]), TASKS)
    assert won.value == 0.5
    assert 0.4 < won.low < 0.5 < won.high < 0.6
    flat, same = iqm.iqm_intervals(np.ones((1, 80)), TASKS, np.ones(80))
    assert flat.low == flat.high == 1
    assert same.low == same.high == 0


def test_the_lower_tail_is_the_worst_quarter_the_last_value_by_its_part():
    assert iqm.cvar(np.array([5.0, 1.0, 2.0, 8.0, 3.0, 7.0, 4.0, 6.0])) == 1.5
    six = np.array([0.9, 0.8, 0.4, 0.7, 0.6, 0.5])
    assert iqm.cvar(six) == pytest.approx((0.4 + 0.5 / 2) / 1.5)
    assert iqm.cvar(np.array([3.0, 2.0])) == 2.0, "no less than one"
    assert np.isnan(iqm.cvar(np.zeros(0)))


def test_an_interval_needs_30_cells_and_two_seeds_per_task():
    few, _ = iqm.iqm_intervals(POOLED[:, :29], TASKS[:29])
    assert np.isfinite(few.value).all()
    assert np.isnan(few.low).all()
    single, _ = iqm.iqm_intervals(POOLED[:, :31], TASKS[:31])
    assert np.isnan(single.low).all(), "task 3 has one seed: its spread is not known"
    enough, without = iqm.iqm_intervals(POOLED[:, :30], TASKS[:30])
    assert np.isfinite(enough.low).all()
    assert np.isnan(without.value).all(), "no baseline, no difference"


def test_the_mean_of_one_task_has_students_interval_and_of_many_a_shorter_one():
    d = POOLED[1] - POOLED[0]
    one = stratified.mean_interval(d[:10], TASKS[:10])
    student = stats.ttest_1samp(d[:10], 0).confidence_interval()
    assert one[1:] == pytest.approx(tuple(student))
    two = stratified.mean_interval(d[:20], TASKS[:20])
    welch = stats.ttest_ind(d[:10], -d[10:20], equal_var=False).confidence_interval()
    assert two[1:] == pytest.approx((welch.low / 2, welch.high / 2)), "df are Welch's"
    lone = stratified.mean_interval(d[:11], TASKS[:11])
    assert np.isfinite(lone.value)
    assert np.isnan(lone.low)
    assert stratified.mean_interval(np.zeros(20), TASKS[:20])[1:] == (0, 0)
    assert np.isnan(stratified.mean_interval(np.zeros((2, 0)), np.zeros(0)).value).all()


def test_nothing_in_nothing_out():
    empty = np.zeros((2, 0))
    assert np.isnan(iqm.iqm(empty)).all()
    assert np.isnan(stratified.share(empty, np.zeros(0)).low).all()
    assert np.isnan(signed_rank.signed_rank(empty)).all()
    assert np.isnan(intervals.wilson(np.nan, 0)).all()


def test_no_rank_test_with_few_tasks():
    scores = pd.DataFrame(np.arange(15.0).reshape(5, 3), columns=list("abc"))
    found = ranks.ranks(scores.assign(d=[1.0, np.nan, 1, 1, 1]))
    assert found.note == "too few tasks for a rank test"
    assert found.mean[["c", "b", "a"]].tolist() == [1, 2, 3]
    assert np.isnan(found.mean["d"]), "ranked on other tasks than the rest: not comparable"
    assert np.isnan(found.critical_difference)
    equal = ranks.ranks(pd.DataFrame(np.ones((6, 3))))
    assert (equal.p, *equal.mean) == (1, 2, 2, 2)


# ---- properties


@given(cells)
def test_iqm_lies_between_the_quartiles_and_above_the_tail(values):
    slack = 1e-9
    assert iqm.cvar(values) <= values.mean() + slack
    assert values.min() - slack <= iqm.iqm(values) <= values.max() + slack
    assert iqm.cvar(values) <= iqm.iqm(values) + slack
    # Mirrored scores have the mirrored middle.
    assert iqm.iqm(-values) == pytest.approx(-iqm.iqm(values), abs=1e-9)


@given(cells, st.floats(0.1, 3), st.floats(-2, 2))
def test_iqm_follows_a_change_of_scale(values, scale, shift):
    wanted = scale * iqm.iqm(values) + shift
    assert iqm.iqm(scale * values + shift) == pytest.approx(wanted, abs=1e-8)


@given(arrays.arrays(float, st.integers(1, 9), elements=st.floats(-0.5, 0.5)))
@settings(max_examples=30)
def test_signed_rank_is_a_distribution_and_mirrors(d):
    found = signed_rank.signed_rank(d[None], draws=2000)[0]
    assert found.sum() == pytest.approx(1)
    mirrored = signed_rank.signed_rank(-d[None], draws=2000)[0]
    np.testing.assert_allclose(mirrored, found[::-1], atol=0.05)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=40), st.integers(1, 5))
def test_a_share_has_a_width_and_never_leaves_its_range(won, tasks):
    values, strata = np.array(won), np.arange(len(won)) % tasks
    found = stratified.share(values, strata)
    lost = stratified.share(1 - values, strata)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high
    assert (lost.low, lost.high) == pytest.approx((1 - found.high, 1 - found.low))


def test_one_task_without_ties_has_wilsons_interval():
    found = stratified.share(np.array([1.0, 1, 1, 0, 1, 1, 1, 1, 1, 1]), np.zeros(10))
    assert found[1:] == pytest.approx(intervals.wilson(0.9, 10))


def test_profile_falls_and_counts_scores_above():
    grid = np.linspace(0, 1.5, 16)
    found = stratified.score_profile(POOLED, TASKS, grid)
    assert found.value.shape == (5, 16)
    assert (np.diff(found.value) <= 0).all()
    assert found.value[1, 8] == (POOLED[1] > grid[8]).mean()
    assert (found.low <= found.value).all()


def test_resamples_stay_in_their_task():
    drawn = iqm.resample(TASKS, 50)
    np.testing.assert_array_equal(TASKS[drawn], np.broadcast_to(TASKS, (50, 80)))


# ---- coverage: 2,000 studies each, nominal 95 %

STUDIES = 2000


def covered(low, high, target):
    return np.mean((low <= target) & (target <= high))


def studies(rng, shape, tasks):
    """Paired scores of two strategies on tasks of unlike level and noise."""
    level = np.linspace(0.5, 1.0, tasks)[:, None]
    noise = np.linspace(0.05, 0.1, tasks)[:, None]
    a = level + noise * rng.normal(size=shape)
    b = level + 0.02 + 0.8 * (a - level) + 0.6 * noise * rng.normal(size=shape)
    return a, b


@pytest.mark.parametrize(("tasks", "seeds"), [(3, 10), (5, 10), (3, 20)])
def test_intervals_over_tasks_cover_as_often_as_they_say(tasks, seeds):
    rng = np.random.default_rng(tasks * seeds)
    many_a, many_b = studies(rng, (tasks, 100_000), tasks)
    a, b = (x.reshape(STUDIES, -1) for x in studies(rng, (STUDIES, tasks, seeds), tasks))
    strata = np.repeat(np.arange(tasks), seeds)
    value, difference = iqm.iqm_intervals(b, strata, a, resamples=400)
    won = stratified.share(stratified.wins(b, a), strata)
    mean = stratified.mean_interval(b - a, strata)
    assert 0.93 < covered(mean.low, mean.high, 0.02) < 0.97
    target = iqm.iqm(many_b.ravel())
    assert 0.93 < covered(value.low, value.high, target) < 0.97
    target -= iqm.iqm(many_a.ravel())
    assert 0.93 < covered(difference.low, difference.high, target) < 0.97
    target = stratified.wins(many_b, many_a).mean()
    assert 0.93 < covered(won.low, won.high, target) < 0.97


@pytest.mark.parametrize(("tasks", "rate"), [(1, 0.95), (3, 0.95), (5, 0.95), (5, 0.5), (3, 0.2)])
def test_shares_near_one_are_covered_too(tasks, rate):
    strata = np.repeat(np.arange(tasks), 10)
    won = np.random.default_rng(tasks).random((STUDIES, strata.size)) < rate
    found = stratified.share(won.astype(float), strata)
    assert 0.9 < covered(found.low, found.high, rate) < 0.98


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_t_intervals_per_task_cover_as_often_as_they_say(seeds):
    a, b = studies(np.random.default_rng(seeds), (1, STUDIES * seeds), 1)
    d = pd.DataFrame((b - a).reshape(STUDIES, seeds).T)
    table = intervals.t_intervals(d)
    assert 0.93 < covered(table["low"], table["high"], 0.02) < 0.97


@pytest.mark.parametrize("n", [10, 60, 120])
def test_wilson_covers_as_often_as_it_says_over_all_rates(n):
    rng = np.random.default_rng(n)
    rate = rng.uniform(size=STUDIES)
    low, high = intervals.wilson(rng.binomial(n, rate) / n, np.full(STUDIES, n))
    assert 0.93 < covered(low, high, rate) < 0.97


def test_a_percentile_bootstrap_would_not_do():
    # The reason for the interval that is used: measured here, not only claimed.
    rng = np.random.default_rng(1)
    a, _ = (x.reshape(STUDIES, -1) for x in studies(rng, (STUDIES, 3, 10), 3))
    strata = np.repeat(np.arange(3), 10)
    target = iqm.iqm(studies(rng, (3, 100_000), 3)[0].ravel())
    drawn = iqm.resample(strata, 400)
    bounds = np.array([np.quantile(iqm.iqm(row[drawn]), [0.025, 0.975]) for row in a])
    assert covered(*bounds.T, target) < 0.93
