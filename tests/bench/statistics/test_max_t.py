"""Step-down max-T: exact where it can be, and what it is in the cases that are known."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossbench.bench.statistics.max_t import max_t
from lossbench.bench.statistics.paired import holm, sign_flip


def normal(pairs, columns, seed=0, shift=0.0):
    return pd.DataFrame(np.random.default_rng(seed).normal(shift, 1, (pairs, columns)))


@pytest.mark.parametrize("pairs", [1, 5, 9])
def test_of_one_strategy_it_is_the_exact_sign_flip_test(pairs):
    table = normal(pairs, 1, shift=0.5)
    assert max_t(table)[0] == pytest.approx(sign_flip(table[0]))


def test_beyond_fourteen_pairs_it_is_close_to_it():
    table = normal(20, 1, shift=0.4)
    assert max_t(table)[0] == pytest.approx(sign_flip(table[0]), abs=0.01)


def test_it_is_the_definition_written_out():
    table = normal(6, 3, shift=0.8)
    d = table.to_numpy()
    t = np.abs(d.sum(axis=0)) / np.sqrt((d**2).sum(axis=0))
    order = np.argsort(-t)
    expected, least = np.empty(3), 0.0
    for k, column in enumerate(order):
        hits = [
            max(abs(np.dot(s, d[:, j])) / np.sqrt((d[:, j] ** 2).sum()) for j in order[k:])
            >= t[column] - 1e-12
            for s in itertools.product([-1, 1], repeat=6)
        ]
        least = max(least, float(np.mean(hits)))
        expected[column] = least
    np.testing.assert_allclose(max_t(table), expected)


@given(st.integers(2, 16), st.integers(1, 6), st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_it_is_between_the_plain_p_and_one_and_knows_no_order_of_strategies(pairs, columns, seed):
    table = normal(pairs, columns, seed, shift=0.5)
    found = max_t(table)
    plain = np.array([sign_flip(table[column]) for column in table])
    assert (found >= plain - 0.015).all()
    assert (found <= 1).all()
    pd.testing.assert_series_equal(max_t(table[table.columns[::-1]])[table.columns], found)


def test_copies_of_one_strategy_cost_nothing_where_holm_charges_for_each():
    one = normal(10, 1, seed=1, shift=1.2)[0]
    table = pd.DataFrame(dict.fromkeys("abcdefgh", one))
    alone = sign_flip(one)
    np.testing.assert_allclose(max_t(table), alone)
    assert holm(pd.Series([alone] * 8)).max() == pytest.approx(min(1, 8 * alone))


def test_under_the_null_hypothesis_one_family_in_twenty_has_a_winner():
    wrong = [max_t(normal(12, 10, seed)).min() < 0.05 for seed in range(400)]
    assert 0.02 < np.mean(wrong) < 0.08


def test_no_pairs_and_no_differences():
    table = pd.DataFrame({"none": [np.nan] * 6, "same": [0.0] * 6, "up": [1.0] * 6})
    found = max_t(table)
    assert np.isnan(found["none"])
    assert found["same"] == 1
    assert found["up"] == 2 / 2**6
    assert max_t(table[[]]).empty
