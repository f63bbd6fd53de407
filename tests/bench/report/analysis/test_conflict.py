"""Cosines of the gradients: until a seed failed, and by pair of losses."""

from __future__ import annotations

import pytest
from invented import MOMENTS
from restless_study import write_restless

from lossbench.bench.report.analysis import conflict
from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.read import read


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return read(write_restless(tmp_path_factory.mktemp("restless")))


def test_cosines_end_where_a_seed_failed(study):
    data = compare(study).cosines["two_digits"]
    assert set(data["pair"]) == {"left / right"}
    of_sum = data[data["label"] == "sum"]
    assert len(of_sum) == 10 * MOMENTS
    failed = data[(data["label"] == "subtraction") & (data["seed"] < 4)]
    assert failed["step"].max() <= 40
    assert set(failed["step"]) == {0}, "the later moments are after the first bad step"


def test_conflict_is_summarised_by_pair(study):
    data = compare(study).cosines["three"]
    table = conflict.summary(data)
    assert list(table.loc["sum"].index) == ["left / right", "left / third", "right / third"]
    own = data[(data["label"] == "sum") & (data["pair"] == "left / third")]
    row = table.loc[("sum", "left / third")]
    assert row["mean_cosine"] == pytest.approx(own["cosine"].mean())
    assert row["conflict_rate"] == pytest.approx((own["cosine"] < 0).mean())
    first = own[own["step"] <= 0.2 * data["step"].max()]
    assert row["start"] == pytest.approx(first["cosine"].mean())
