"""Practical equivalence against the two one-sided t tests of another package."""

import numpy as np
import pandas as pd
from stored_statistics import POOLED, SCORES, STORED, TASKS

from lossbench.bench.statistics import equivalence, intervals, iqm, paired, signed_rank, stratified


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
