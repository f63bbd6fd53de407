"""The Bayesian signed-rank test against another package, and by properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from stored_statistics import SCORES, STORED

from lossbench.bench.statistics import signed_rank


@pytest.mark.parametrize("case", STORED["signed_rank"])
def test_bayesian_signed_rank_agrees_with_baycomp(case):
    if "tasks" in case:
        d = np.full(case["tasks"], case["all"])
    else:
        d = SCORES[case["label"]].mean(axis=1) - SCORES[0].mean(axis=1)
    found = signed_rank.signed_rank(d[None], case["rope"])[0]
    wanted = [case["better"], case["equal"], case["worse"]]
    np.testing.assert_allclose(found, wanted, atol=0.012)  # 3 standard errors of 20,000 draws


@given(arrays.arrays(float, st.integers(1, 9), elements=st.floats(-0.5, 0.5)))
@settings(max_examples=30)
def test_signed_rank_is_a_distribution_and_mirrors(d):
    found = signed_rank.signed_rank(d[None], draws=2000)[0]
    assert found.sum() == pytest.approx(1)
    mirrored = signed_rank.signed_rank(-d[None], draws=2000)[0]
    np.testing.assert_allclose(mirrored, found[::-1], atol=0.05)
