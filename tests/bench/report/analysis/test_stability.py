"""Stability in numbers, from runs whose failures and values are known."""

from __future__ import annotations

import numpy as np
import pytest
from restless_study import write_restless

from lossbench.bench.report.analysis import stability
from lossbench.bench.report.read import read


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return read(write_restless(tmp_path_factory.mktemp("restless")))


def runs_of(study, label, task="two_digits"):
    runs = study.outcomes(task)
    return runs[runs["label"] == label]


def test_failures_have_a_rate_an_interval_and_a_first_bad_step(study):
    table = stability.summary(study, "two_digits")
    row = table.loc["subtraction"]
    assert (row["runs"], row["failures"], row["failure_rate"]) == (10, 4, 0.4)
    # Newcombe 1998, Wilson's score interval of 4 of 10
    assert (row["failure_low"], row["failure_high"]) == pytest.approx((0.168, 0.687), abs=1e-3)
    assert (row["first_bad_step"], row["median_bad_step"]) == (37, 38.5)
    assert np.isnan(table.loc["sum", "first_bad_step"])
    assert table.loc["sum", "failure_low"] == 0


def test_spread_over_seeds_is_of_those_that_finished(study):
    table = stability.summary(study, "two_digits")
    for label in ("sum", "subtraction"):
        rows = runs_of(study, label)
        values = rows.loc[rows["status"] == "ok", "primary_metric"].to_numpy()
        row = table.loc[label]
        assert row["sd"] == pytest.approx(values.std(ddof=1))
        assert row["iqr"] == pytest.approx(np.subtract(*np.quantile(values, [0.75, 0.25])))
        assert row["sd_low"] < row["sd"] < row["sd_high"]
    # chi-square quantiles of 9 degrees of freedom: 19.023 and 2.700
    row = table.loc["sum"]
    assert row["sd_low"] == pytest.approx(row["sd"] * np.sqrt(9 / 19.023), rel=1e-3)
    assert row["sd_high"] == pytest.approx(row["sd"] * np.sqrt(9 / 2.700), rel=1e-3)
    assert np.isnan(table.loc["mgda", ["sd", "iqr", "cvar"]].astype(float)).all(), "none finished"


def test_cvar_is_oriented_by_the_metric(study):
    row = stability.summary(study, "autoencode").loc["sum"]
    assert row["cvar"] > runs_of(study, "sum", "autoencode")["primary_metric"].mean()


def test_measures_are_means_or_medians_over_seeds(study):
    row = stability.summary(study, "two_digits").loc["subtraction"]
    rows = runs_of(study, "subtraction")
    assert row["spikes"] == pytest.approx(rows["stability/spikes"].mean())
    assert row["norm_tail"] == pytest.approx(rows["stability/norm_tail"].median())
    assert row["regret q3"] == pytest.approx(rows["stability/regret"].quantile(0.75))
