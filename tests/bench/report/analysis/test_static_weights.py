"""The static-weights curve: planted points beyond it, on it and inside."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import ERROR, TUNED, TWO_HEADS, WEIGHTS, static_weights_labels, write_study

from lossbench.bench.report.analysis import static_weights
from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.read import read

LINE = np.array([[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("point", "amount"),
    [
        ([0.5, 0.5], 0.0),
        ([0.7, 0.7], 0.2),
        ([0.3, 0.3], -0.2),
        ([1.1, 0.0], 0.1),
        ([1.2, -3.0], 0.2),  # past the end: no weights reach this head's value
        ([0.0, 1.0], 0.0),
    ],
)
def test_excess_over_a_straight_line_by_hand(point, amount):
    found = static_weights.excess(np.array(point), LINE, np.ones(2))
    assert found == pytest.approx(amount, abs=1e-12)


def test_a_unit_is_a_unit_of_its_head():
    # The second head counts in hundredths: 0.2 in the first is 20 in the second.
    line = LINE * [1.0, 100.0]
    found = static_weights.excess(np.array([0.7, 70.0]), line, np.array([1.0, 100.0]))
    assert found == pytest.approx(0.2)


number = st.floats(-2, 2)


@given(st.lists(st.tuples(number, number), min_size=2, max_size=6), number, number)
def test_excess_is_the_least_over_the_whole_curve(front, x, y):
    front, point = np.array(front), np.array([x, y])
    t = np.linspace(0, 1, 401)[:, None]
    dense = np.concatenate([a + t * (b - a) for a, b in itertools.pairwise(front)])
    least = (point - dense).max(axis=1).min()
    found = static_weights.excess(point, front, np.ones(2))
    assert found <= least + 1e-12
    assert found >= least - 4 / 400  # no segment is longer than 4 in a head


def planted(tmp_path, higher=True, **options):
    """Strategies at, above and below the curve's value at the weights (0.6, 0.4)."""
    sign = 1.0 if higher else -1.0
    metrics = {name: {"higher_is_better": higher, "chance": None} for name in ("a/m", "b/m")}
    task = {**TWO_HEADS, "metrics": metrics, "primary": "a/m"}
    task["heads"] = [{"name": n, "kind": "task", "weight": 1.0} for n in "ab"]
    names = ("sum", "over", "at", "under")
    write_study(tmp_path, tuned=TUNED, strategies=names, tasks={"t": task}, series=False, **options)
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    rng = np.random.default_rng(0)
    x, y = 0.9 - 0.3 * 0.25**2, 0.9 - 0.3 * 0.75**2
    amounts = {"over": 0.03, "at": 0.0, "under": -0.03, "sum": -0.1}
    ours = runs["label"].isin(names)
    shift = runs["label"].map(amounts) + 0.002 * runs["seed"] + rng.normal(0, 1e-3, len(runs))
    for name, value in (("a/m", x), ("b/m", y)):
        column = f"metric/{name}/test"
        runs.loc[ours, column] = value + shift[ours]
        runs[column] = sign * runs[column]
    runs.to_parquet(tmp_path / "runs.parquet")
    return read(tmp_path)


def beyond(study):
    return static_weights.beyond(study, "t", static_weights.points(study, "t"))


@pytest.mark.parametrize("higher", [True, False])
def test_planted_strategies_are_placed(tmp_path, higher):
    table = beyond(planted(tmp_path, higher))
    assert table.loc["over", "place"] == static_weights.BEYOND
    assert table.loc["under", "place"] == static_weights.INSIDE
    # On a point of the curve; noise of one seed alone moves it.
    assert abs(table.loc["at", "difference"]) < 0.01
    assert table.loc["over", "difference"] == pytest.approx(0.03 / 0.3, abs=0.01)
    assert table["pairs"].eq(10).all()


def test_the_sentence_names_who_lies_beyond_and_nobody_else(tmp_path):
    study = planted(tmp_path)
    words = static_weights.sentence(beyond(study))
    assert words.startswith("Beyond the static-weights curve: over by +")
    assert "under" not in words
    without = study.runs[study.runs["label"] != "over"]
    study = dataclasses.replace(study, runs=without)
    assert static_weights.sentence(beyond(study)).startswith("None of 3 strategies lies beyond")


def test_a_failed_point_of_the_curve_costs_the_seed_and_is_said(tmp_path):
    study = planted(tmp_path)
    first = study.static_weights["label"] == static_weights_labels()[0]
    study.static_weights.loc[first & (study.static_weights["seed"] < 4), "status"] = "diverged"
    assert beyond(study)["pairs"].eq(6).all()
    assert static_weights.notes(study) == []
    study.static_weights.loc[first, "status"] = "diverged"
    (note,) = static_weights.notes(study)
    assert f"t ({len(WEIGHTS) - 1} of {len(WEIGHTS)} points)" in note
    assert beyond(study)["pairs"].eq(10).all()  # of the curve without that point


def test_the_curve_is_no_strategy_of_the_comparison(tmp_path):
    study = read(
        write_study(tmp_path, tuned=TUNED, tasks={"t": TWO_HEADS, "one": ERROR}, series=False)
    )
    assert not set(static_weights_labels()) & set(study.labels)
    assert list(static_weights.points(study, "t").index.unique("label")) == static_weights_labels()
    assert static_weights.points(study, "one") is None


def test_weights_stand_beside_their_point():
    assert static_weights.weights(static_weights_labels()[1]) == "0.75 : 0.25"


def test_a_curve_without_values_is_no_curve(tmp_path):
    folder = write_study(tmp_path, tuned=TUNED, tasks={"t": TWO_HEADS}, series=False)
    runs = pd.read_parquet(folder / "runs.parquet")
    runs.assign(**{"metric/right/accuracy/test": np.nan}).to_parquet(folder / "runs.parquet")
    result = compare(read(folder))
    assert result.static_weights == {}
    assert result.tasks["t"]["ok"].eq(10).all()
