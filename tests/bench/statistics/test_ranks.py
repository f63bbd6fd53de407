"""Ranks against other packages, and where there is no test."""

import numpy as np
import pandas as pd
import pytest
from stored_statistics import SCORES, STORED

from lossbench.bench.statistics import ranks


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


def test_no_rank_test_with_few_tasks():
    scores = pd.DataFrame(np.arange(15.0).reshape(5, 3), columns=list("abc"))
    found = ranks.ranks(scores.assign(d=[1.0, np.nan, 1, 1, 1]))
    assert found.note == "too few tasks for a rank test"
    assert found.mean[["c", "b", "a"]].tolist() == [1, 2, 3]
    assert np.isnan(found.mean["d"]), "ranked on other tasks than the rest: not comparable"
    assert np.isnan(found.critical_difference)
    equal = ranks.ranks(pd.DataFrame(np.ones((6, 3))))
    assert (equal.p, *equal.mean) == (1, 2, 2, 2)
