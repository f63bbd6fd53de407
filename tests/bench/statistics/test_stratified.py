"""Intervals over fixed tasks: against other packages, by properties, by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from stored_statistics import POOLED, STUDIES, TASKS, covered

from lossbench.bench.statistics import intervals, iqm, signed_rank, stratified


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


@pytest.mark.parametrize(("tasks", "rate"), [(1, 0.95), (3, 0.95), (5, 0.95), (5, 0.5), (3, 0.2)])
def test_shares_near_one_are_covered_too(tasks, rate):
    strata = np.repeat(np.arange(tasks), 10)
    won = np.random.default_rng(tasks).random((STUDIES, strata.size)) < rate
    found = stratified.share(won.astype(float), strata)
    assert 0.9 < covered(found.low, found.high, rate) < 0.98


def test_the_test_of_the_mean_is_its_interval():
    random = np.random.default_rng(1)
    strata = np.repeat(np.arange(4), 12)
    for gain in (0.0, 0.02, 0.05, 0.3):
        # Tasks differ far more than seeds: they are fixed, and that is no noise.
        values = gain + np.repeat([3.0, -1, -1, -1], 12) + random.normal(0, 0.1, 48)
        p, found = stratified.mean_test(values, strata), stratified.mean_interval(values, strata)
        assert (p < 0.05) == (not found.low <= 0 <= found.high)
    one = random.normal(0.5, 1, 10)
    students = stats.ttest_1samp(one, 0).pvalue
    assert stratified.mean_test(one, np.zeros(10)) == pytest.approx(students)
    assert stratified.mean_test(np.zeros(8), np.repeat([0, 1], 4)) == 1
    assert np.isnan(stratified.mean_test(np.ones(3), np.array([0, 0, 1])))
