"""Tests of paired differences by hand, by enumeration and against other packages."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from stored_statistics import SCORES, STORED

from lossbench.bench.statistics import paired


def test_holm_agrees_with_statsmodels():
    found = paired.holm(pd.Series(STORED["holm"]["p"]))
    np.testing.assert_allclose(found, STORED["holm"]["adjusted"])


def test_t_test_is_scipys():
    d = SCORES[2, 0] - SCORES[0, 0]
    found = paired.t_test(pd.DataFrame({"d": d}))["d"]
    assert found == pytest.approx(stats.ttest_1samp(d, 0).pvalue, rel=1e-12)


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


def test_a_failed_run_loses_by_as_much_as_any_other():
    scores = pd.DataFrame(
        {
            "sum": [1.0, 1.0, 1.0, -np.inf, -np.inf, np.nan],
            "a": [1.5, 4.0, -np.inf, 2.0, -np.inf, 1.0],
            "same": [1.0, 1.0, -np.inf, 1.0, -np.inf, 1.0],
        }
    )
    found = paired.lost_pairs(scores, "sum")
    np.testing.assert_allclose(found["a"], [0.5, 3.0, -3.0, 3.0, 0.0, np.nan])
    np.testing.assert_allclose(found["same"], [0, 0, -1, 1, 0, np.nan])


@pytest.mark.parametrize("effect", [0.4, 0.7, 1.0])
def test_so_many_seeds_find_a_difference_in_four_studies_of_five(effect):
    n = int(paired.seeds_needed(1.0, effect))
    studies = np.random.default_rng(0).normal(effect, 1, (n, 2000))
    found = (paired.t_test(pd.DataFrame(studies)) < 0.05).mean()
    assert 0.77 < found < 0.88
