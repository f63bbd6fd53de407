"""The interquartile mean and the lower tail: other packages, properties, simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from stored_statistics import POOLED, SCORES, STORED, STUDIES, TASKS, covered, studies

from lossbench.bench.statistics import iqm, stratified

finite = st.floats(-1, 2, allow_nan=False)
cells = arrays.arrays(float, st.integers(1, 40), elements=finite)


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


def test_resamples_stay_in_their_task():
    drawn = iqm.resample(TASKS, 50)
    np.testing.assert_array_equal(TASKS[drawn], np.broadcast_to(TASKS, (50, 80)))


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


def test_a_percentile_bootstrap_would_not_do():
    # The reason for the interval that is used: measured here, not only claimed.
    rng = np.random.default_rng(1)
    a, _ = (x.reshape(STUDIES, -1) for x in studies(rng, (STUDIES, 3, 10), 3))
    strata = np.repeat(np.arange(3), 10)
    target = iqm.iqm(studies(rng, (3, 100_000), 3)[0].ravel())
    drawn = iqm.resample(strata, 400)
    bounds = np.array([np.quantile(iqm.iqm(row[drawn]), [0.025, 0.975]) for row in a])
    assert covered(*bounds.T, target) < 0.93
