"""Metrics count the labels that are there, by their weights; targets have the outputs' shapes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics as reference

from lossbench.datasets.core import losses, metrics
from lossbench.datasets.core.metric import Metric
from lossbench.datasets.core.task import Head

RANDOM = np.random.default_rng(0)
ROWS = 60
NUMBERS = RANDOM.standard_normal((ROWS, 2)).astype(np.float32)
TARGETS = (NUMBERS + 0.5 * RANDOM.standard_normal((ROWS, 2))).astype(np.float32)
ANSWERS = (TARGETS > 0).astype(np.float32)
LOGITS = RANDOM.standard_normal((ROWS, 4)).astype(np.float32)
CLASSES = np.where(RANDOM.random(ROWS) < 0.5, LOGITS.argmax(1), RANDOM.integers(4, size=ROWS))
SEEN = (RANDOM.random((ROWS, 2)) < 0.6).astype(np.float32)
WEIGHTS = SEEN * RANDOM.random((ROWS, 2)).astype(np.float32)

OUTPUTS = {"o": NUMBERS, "c": LOGITS}
ARRAYS = {"t": TARGETS, "y": ANSWERS, "k": CLASSES, "seen": SEEN, "weights": WEIGHTS}
OUTPUTS_T = {key: tf.constant(value) for key, value in OUTPUTS.items()}
OF_ELEMENTS = {
    "mse": (metrics.mean_squared_error("o", "t"), reference.mean_squared_error),
    "mae": (metrics.mean_absolute_error("o", "t"), reference.mean_absolute_error),
    "rmse": (metrics.root_mean_squared_error("o", "t"), reference.root_mean_squared_error),
    "nll": (
        metrics.negative_log_likelihood("o", "y"),
        lambda y, z, sample_weight: reference.log_loss(
            y, 1 / (1 + np.exp(-z.astype(float))), sample_weight=sample_weight
        ),
    ),
}
OF_COLUMNS = {
    "r2": (metrics.r2("o", "t"), reference.r2_score),
    "average_precision": (
        metrics.average_precision("o", "y"),
        reference.average_precision_score,
    ),
    "auc": (metrics.area_under_curve("o", "y"), reference.roc_auc_score),
}


def score(metric: Metric, key: str, outputs=None, arrays=None) -> float:
    bound = metric.counting({}, key)
    return bound.score({"test": outputs or OUTPUTS}, {"test": arrays or ARRAYS}, "test")


@pytest.mark.parametrize("key", ["seen", "weights"])
@pytest.mark.parametrize("name", OF_ELEMENTS)
def test_errors_are_those_of_the_elements_that_count(name, key):
    metric, known = OF_ELEMENTS[name]
    truth = TARGETS if name != "nll" else ANSWERS
    expected = known(truth.ravel(), NUMBERS.ravel(), sample_weight=ARRAYS[key].ravel())
    np.testing.assert_allclose(score(metric, key), expected, rtol=1e-6)


@pytest.mark.parametrize("key", ["seen", "weights"])
@pytest.mark.parametrize("name", OF_COLUMNS)
def test_scores_are_those_of_the_labels_of_each_column(name, key):
    metric, known = OF_COLUMNS[name]
    truth = TARGETS if name == "r2" else ANSWERS
    expected = [
        known(truth[:, k], NUMBERS[:, k], sample_weight=ARRAYS[key][:, k]) for k in range(2)
    ]
    np.testing.assert_allclose(score(metric, key), np.mean(expected), rtol=1e-6)


def test_accuracy_is_that_of_the_rows_that_have_a_label():
    one = {**ARRAYS, "seen": SEEN[:, :1]}
    rows = SEEN[:, 0] > 0
    expected = np.mean(LOGITS[rows].argmax(1) == CLASSES[rows])
    found = score(metrics.accuracy("c", "k"), "seen", arrays=one)
    np.testing.assert_allclose(found, expected)


def test_variance_explained_is_that_of_the_elements_that_count():
    rows = SEEN[:, 0] > 0
    expected = metrics.variance_explained("o", "t").function(
        {"o": NUMBERS[rows]}, {"t": TARGETS[rows]}
    )
    found = score(
        metrics.variance_explained("o", "t"), "seen", arrays={**ARRAYS, "seen": SEEN[:, :1]}
    )
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_probe_is_fitted_and_scored_on_rows_with_a_label():
    labels = (NUMBERS[:, 0] > 0).astype(int)
    wrong = np.where(SEEN[:, 0] > 0, labels, 1 - labels)
    probe = metrics.probe("o", "k").counting({}, "seen")
    both = {"validation": OUTPUTS, "test": OUTPUTS}
    arrays = {"k": wrong, "seen": SEEN[:, :1]}
    assert probe.score(both, {"validation": arrays, "test": arrays}, "test") > 0.9


def test_where_all_labels_are_there_a_mask_changes_no_bit():
    arrays = {**ARRAYS, "seen": np.ones((ROWS, 1), np.float32)}
    for metric, _ in (*OF_ELEMENTS.values(), *OF_COLUMNS.values()):
        assert score(metric, "seen", arrays=arrays) == metric.function(OUTPUTS, ARRAYS)


def test_a_metric_counts_the_labels_of_its_head_and_a_mean_those_of_each_part():
    mine = Metric("mine", lambda outputs, arrays: 1.0, True)
    head = Head("o", losses.squared_error("o", "t"), observed="seen")
    from lossbench.datasets import Task

    both = metrics.mean_of("both", metrics.r2("o", "t"), metrics.r2("p", "t"))
    task = Task(
        *("s", "s", "", lambda folder: {}, lambda: None),  # pyright: ignore
        heads=(
            dataclasses.replace(head, metrics=(metrics.r2("o", "t"), mine, both)),
            dataclasses.replace(head, name="p", observed="weights"),
        ),
        primary="o/r2",
        steps=1,
    )
    of_head, own, mean = task.heads[0].metrics
    assert of_head.observed == "seen"
    assert [part.observed for part in mean.parts] == ["seen", "weights"]
    assert own.score({"test": OUTPUTS}, {"test": ARRAYS}, "test") == 1.0
    outputs = {**OUTPUTS, "p": NUMBERS}
    expected = [score(metrics.r2("o", "t"), key) for key in ("seen", "weights")]
    found = mean.score({"test": outputs}, {"test": ARRAYS}, "test")
    np.testing.assert_allclose(found, np.mean(expected))


FLAT = {"t": TARGETS[:, 0], "y": ANSWERS[:, 0], "k": np.zeros((ROWS, 3), int)}


@pytest.mark.parametrize(
    "metric",
    [
        *(metric for metric, _ in (*OF_ELEMENTS.values(), *OF_COLUMNS.values())),
        metrics.variance_explained("o", "t"),
        metrics.accuracy("c", "k"),
        metrics.frechet("o", "t"),
    ],
    ids=lambda metric: metric.name,
)
def test_a_metric_refuses_a_target_that_has_not_the_shape_of_its_output(metric):
    with pytest.raises(ValueError, match=r"has shape \(60"):
        metric.function(OUTPUTS, FLAT if metric.name != "frechet" else {"t": TARGETS[:, :1, None]})


@pytest.mark.parametrize(
    "loss",
    [
        losses.squared_error("o", "t"),
        losses.absolute_error("o", "t"),
        losses.binary_cross_entropy("o", "y"),
        losses.cross_entropy("c", "k"),
    ],
)
def test_a_loss_refuses_it_too_even_in_a_graph(loss):
    def call():
        return loss(
            {key: tf.constant(value) for key, value in OUTPUTS.items()},
            {key: tf.constant(value) for key, value in FLAT.items()},
        )

    for run in (call, tf.function(call, autograph=False)):
        with pytest.raises(ValueError, match="has shape"):
            run()


def test_labels_in_a_column_are_labels():
    column = {"k": CLASSES[:, None]}
    flat = metrics.accuracy("c", "k").function(OUTPUTS, ARRAYS)
    assert metrics.accuracy("c", "k").function(OUTPUTS, column) == flat
    loss = losses.cross_entropy("c", "k")
    np.testing.assert_array_equal(loss(OUTPUTS_T, column), loss(OUTPUTS_T, {"k": CLASSES}))
