"""Intervals by hand, against other packages, and how often they cover."""

import numpy as np
import pandas as pd
import pytest
from stored_statistics import STORED, STUDIES, covered, studies

from lossbench.bench.statistics import intervals


def test_wilson_agrees_with_statsmodels():
    for successes, n, low, high in STORED["wilson"]:
        found = intervals.wilson(successes / n, n)
        np.testing.assert_allclose(found, [low, high], atol=1e-12)


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
