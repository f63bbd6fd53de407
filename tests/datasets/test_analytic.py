"""Problems with a known Pareto set: the set is right, and the metrics measure from it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from lossbench.bench.plan import tasks
from lossbench.bench.plan.cell import resolve
from lossbench.bench.train.outcome import train
from lossbench.datasets import fonseca_fleming, quadratics, valleys
from lossbench.datasets.core.analytic import distance

PROBLEMS = {
    "quadratics": quadratics,
    "fonseca_fleming": fonseca_fleming,
    "valleys": valleys,
}
NAMES = [*PROBLEMS, "quadratics[first*100]", "valleys[first*0.1]"]


def losses(problem, points):
    """(N, 2) in float64."""
    x, y = (tf.constant(points[:, i], tf.float64) for i in range(2))
    return np.stack([problem.first(x, y), problem.second(x, y)], 1)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_no_point_of_a_fine_grid_dominates_the_front(problem):
    path = problem.front()
    chosen = path[np.linspace(0, len(path) - 1, 41).astype(int)]
    if len(path) == 2:
        chosen = path[0] + np.linspace(0, 1, 41)[:, None] * (path[1] - path[0])
    reach = 1.6 * np.abs(path).max()
    grid = np.stack(np.meshgrid(*[np.linspace(-reach, reach, 401)] * 2), -1).reshape(-1, 2)
    others = losses(problem, np.concatenate([grid, chosen]))
    for value in losses(problem, chosen):
        better = (others < value - 1e-9).any(1) & (others <= value + 1e-9).all(1)
        assert not better.any(), others[better][0] - value


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_gradients_on_the_front_point_against_each_other(problem):
    path = problem.front()
    inner = (path[:-1] + path[1:])[:: max(1, len(path) // 50)] / 2
    x, y = tf.constant(inner[:, 0]), tf.constant(inner[:, 1])
    gradients = []
    for objective in (problem.first, problem.second):
        with tf.GradientTape() as tape:
            tape.watch([x, y])
            value = objective(x, y)
        gradients.append(np.stack(tape.gradient(value, [x, y]), 1))
    units = [g / np.linalg.norm(g, axis=1, keepdims=True) for g in gradients]
    np.testing.assert_allclose(units[0], -units[1], atol=1e-4)


def test_the_ends_of_the_front_are_the_minima():
    for problem in PROBLEMS.values():
        ends = losses(problem, problem.front()[[0, -1]])
        near = problem.front()[[0, -1], None] + 1e-2 * np.random.default_rng(0).normal(
            size=(2, 500, 2)
        )
        assert (losses(problem, near[0])[:, 0] >= ends[0, 0] - 1e-9).all()
        assert (losses(problem, near[1])[:, 1] >= ends[1, 1] - 1e-9).all()


def test_valleys_are_those_of_the_paper():
    """Values worked out by hand from the formulas of the paper's appendix."""
    above = losses(valleys, np.array([[0.0, 10.0]]))[0]
    fade = np.tanh(5.0)
    ravines = [abs(-3.5 + np.tanh(10.0)), abs(1.5 - np.tanh(10.0) + 2)]
    np.testing.assert_allclose(above, [fade * (np.log(r) + 6) for r in ravines], rtol=1e-12)
    below = losses(valleys, np.array([[7.0, -8.0]]))[0]
    np.testing.assert_allclose(below, np.tanh(4.0) * np.array([-20.0, 19.6 - 20]), rtol=1e-12)


def test_distance_is_to_the_path_and_not_to_its_corners():
    path = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]])
    points = np.array([[2.0, 1.0], [-3.0, 4.0], [5.0, 2.0], [4.0, 7.0]])
    np.testing.assert_allclose(distance(points, path), [1, 5, 1, 4])


def scores(name, point):
    outputs = {"point": np.array([point], np.float32)}
    task = tasks.get(name)
    return {
        metric.name: metric.function(outputs, {})
        for head in reversed(task.heads)
        for metric in head.metrics
    }


@pytest.mark.parametrize("name", ["quadratics", "quadratics[first*100]"])
def test_metrics_of_known_points(name):
    """A scale changes no metric."""
    assert scores(name, (-1, 0)) == pytest.approx(
        {"gain": 1, "worst_gain": 0, "distance": 0, "imbalance": 1}
    )
    assert scores(name, (0, 0)) == pytest.approx(
        {"gain": 0.75, "worst_gain": 0.75, "distance": 0, "imbalance": 0}
    )
    assert scores(name, (2, 1))["distance"] == pytest.approx(2**0.5)


@pytest.mark.parametrize("name", NAMES)
def test_starts_are_seeded_and_where_they_should_be(name):
    task = tasks.get(name)
    points = []
    for seed in (*range(20), 0):
        keras.utils.set_random_seed(seed)
        points.append(task.model()(tf.ones((1, 1)))["point"].numpy()[0])
    np.testing.assert_array_equal(points[0], points[-1])
    low, high = {
        "q": ((-2, 1), (2, 2)),
        "f": ((-1.5, 0.5), (-0.5, 1.5)),
        "v": ((-10, 4), (10, 10)),
    }[name[0]]
    assert (points >= np.array(low)).all()
    assert (points <= np.array(high)).all()
    assert np.ptp(points, axis=0).min() > 0.5 * np.subtract(high, low).min()


def outcome(name, strategy, tmp_path):
    settings = {"steps": None, "batch_size": None, "learning_rate": None, "vectorised": True}
    settings |= {"device": "cpu", "xla": False, "precision": "float32", "heads": "own"}
    cell = resolve(strategy, tasks.get(name), name, seeds=(0, 1, 2, 3), **settings)
    rows = train(cell, tmp_path, lambda steps: None).rows
    assert [row["status"] for row in rows] == ["ok"] * 4, rows[0]["reason"]
    return {
        key: np.array([row[f"metric/first/{key}/test"] for row in rows])
        for key in ("distance", "imbalance", "worst_gain")
    }


@pytest.mark.parametrize("strategy", ["sum", "pcgrad"])
@pytest.mark.parametrize("name", NAMES)
def test_every_start_reaches_the_front(name, strategy, tmp_path):
    assert outcome(name, strategy, tmp_path)["distance"].max() < 0.05


def test_what_the_problems_tell_apart(tmp_path):
    concave = {s: outcome("fonseca_fleming", s, tmp_path)["imbalance"] for s in ("sum", "mgda")}
    assert concave["sum"].min() > 0.9, "a sum ends at an extreme of a concave front"
    assert concave["mgda"].max() < 0.9
    balanced, scaled = (
        outcome(name, "sum", tmp_path)["imbalance"].max()
        for name in ("quadratics", "quadratics[first*100]")
    )
    assert balanced < 0.01
    assert scaled > 0.9
