"""Losses are elements whose mean is the loss; metrics are right on cases worked by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from lossbench.datasets.core import losses, metrics

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(7, 5)).astype(np.float32) * 3
LABELS = RANDOM.integers(5, size=7)
YES = RANDOM.integers(2, size=(7, 5)).astype(np.float32)
TARGET = RANDOM.normal(size=(7, 5)).astype(np.float32)

CASES = {
    "cross_entropy": (
        losses.cross_entropy("o", "t"),
        LABELS,
        lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True)(LABELS, LOGITS),
    ),
    "binary_cross_entropy": (
        losses.binary_cross_entropy("o", "t"),
        YES,
        lambda: keras.losses.BinaryCrossentropy(from_logits=True)(YES, LOGITS),
    ),
    "squared_error": (
        losses.squared_error("o", "t"),
        TARGET,
        lambda: keras.losses.MeanSquaredError()(TARGET, LOGITS),
    ),
    "absolute_error": (
        losses.absolute_error("o", "t"),
        TARGET,
        lambda: keras.losses.MeanAbsoluteError()(TARGET, LOGITS),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_mean_of_the_elements_is_the_loss_of_keras(name):
    loss, target, keras_loss = CASES[name]
    elements = loss({"o": tf.constant(LOGITS)}, {"t": tf.constant(target)})
    assert elements.shape == (7, 5)
    np.testing.assert_allclose(tf.reduce_mean(elements), keras_loss(), rtol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_losses_stay_finite_far_out(name):
    loss, target, _ = CASES[name]
    elements = loss({"o": tf.constant(LOGITS * 1e4)}, {"t": tf.constant(target)})
    assert np.isfinite(elements).all()


def test_a_hidden_logit_costs_nothing_and_brings_no_nan():
    logits = LOGITS.copy()
    logits[:, 0] = -1e9
    labels = np.where(LABELS == 0, 1, LABELS)
    loss = losses.cross_entropy("o", "t")({"o": tf.constant(logits)}, {"t": tf.constant(labels)})
    assert np.isfinite(loss).all()
    assert np.abs(loss[:, 0]).max() == 0


def test_uniform_logits_cost_the_logarithm_of_the_classes():
    loss = losses.cross_entropy("o", "t")({"o": tf.zeros((4, 10))}, {"t": tf.range(4)})
    assert float(tf.reduce_mean(loss)) == pytest.approx(np.log(10))


def test_accuracy_counts_the_largest_logit():
    metric = metrics.accuracy("o", "t")
    logits = np.array([[0.0, 1.0], [3.0, 1.0], [0.0, 1.0], [2.0, 1.0]])
    assert metric.function({"o": logits}, {"t": np.array([1, 0, 0, 0])}) == 0.75
    assert metric.higher_is_better


def test_accuracy_of_nan_is_nan_and_no_guess():
    logits = np.full((4, 2), np.nan)
    assert np.isnan(metrics.accuracy("o", "t").function({"o": logits}, {"t": np.zeros(4, int)}))


def test_mse_by_hand():
    metric = metrics.mean_squared_error("o", "t")
    assert metric.function({"o": np.array([[1.0, 3.0]])}, {"t": np.array([[0.0, 1.0]])}) == 2.5
    assert not metric.higher_is_better


@pytest.fixture(scope="module")
def probed():
    """Features that hold label "known" and nothing of label "unknown"."""
    random = np.random.default_rng(1)
    outputs, data = {}, {}
    for split in ("train", "validation", "test"):
        known, unknown = random.integers(3, size=(2, 300))
        features = np.eye(3)[known] * 5 + random.normal(size=(300, 3))
        outputs[split] = {"features": np.c_[features, np.zeros(300)]}
        data[split] = {"known": known, "unknown": unknown}
    return outputs, data


def test_a_probe_finds_what_is_there_and_only_that(probed):
    assert metrics.probe("features", "known").score(*probed, "test") > 0.95
    assert metrics.probe("features", "unknown").score(*probed, "test") < 0.45


def test_a_probe_is_not_scored_where_it_was_fitted(probed):
    with pytest.raises(ValueError, match="fitted on validation"):
        metrics.probe("features", "known").score(*probed, "validation")


def test_a_probe_of_broken_features_is_nan(probed):
    outputs, data = probed
    broken = {split: {"features": np.full((300, 4), np.inf)} for split in outputs}
    assert np.isnan(metrics.probe("features", "known").score(broken, data, "test"))


def test_scores_equal_those_of_scikit_learn():
    from sklearn import metrics as known

    outputs, arrays = {"o": LOGITS}, {"t": TARGET, "y": YES}
    probabilities = 1 / (1 + np.exp(-LOGITS.astype(np.float64)))
    pairs = [
        (
            metrics.root_mean_squared_error("o", "t"),
            np.sqrt(known.mean_squared_error(TARGET, LOGITS)),
        ),
        (metrics.mean_absolute_error("o", "t"), known.mean_absolute_error(TARGET, LOGITS)),
        (metrics.r2("o", "t"), known.r2_score(TARGET, LOGITS)),
        (metrics.r2("o", "t", scale=0.5), known.r2_score(TARGET, LOGITS / 2)),
        (
            metrics.negative_log_likelihood("o", "y"),
            np.mean([known.log_loss(YES[:, i], probabilities[:, i]) for i in range(5)]),
        ),
        (
            metrics.average_precision("o", "y"),
            np.mean([known.average_precision_score(YES[:, i], LOGITS[:, i]) for i in range(5)]),
        ),
    ]
    for metric, expected in pairs:
        assert metric.function(outputs, arrays) == pytest.approx(expected, rel=1e-6), metric.name


def test_nll_does_not_overflow():
    nll = metrics.negative_log_likelihood("o", "t").function
    assert nll({"o": np.array([[1e4]])}, {"t": np.array([[0.0]])}) == 1e4
    assert nll({"o": np.array([[-1e4]])}, {"t": np.array([[0.0]])}) == 0


def test_the_area_under_the_curve_is_that_of_scikit_learn():
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(0)
    label = random.integers(2, size=(60, 1))
    logits = np.round(random.normal(size=(60, 1)) + label, 1)  # with ties
    score = metrics.area_under_curve("o", "t").function
    expected = roc_auc_score(label[:, 0], logits[:, 0])
    assert score({"o": logits}, {"t": label}) == pytest.approx(expected)
    assert score({"o": np.zeros((60, 1))}, {"t": label}) == 0.5
    assert np.isnan(score({"o": logits}, {"t": np.ones((60, 1))}))
    assert np.isnan(score({"o": logits * np.nan}, {"t": label}))


def test_a_scaled_output_is_compared_in_the_unit_of_the_target():
    loss = losses.squared_error("o", "t", scale=10.0)
    elements = loss({"o": tf.constant([[2.0]])}, {"t": tf.constant([[17.0]])})
    assert float(elements[0, 0]) == 9


@given(st.integers(0, 2**31), st.integers(1, 40))
def test_average_precision_is_that_of_scikit_learn(seed, size):
    random = np.random.default_rng(seed)
    logits = random.integers(-3, 4, (size, 2)).astype(np.float32)  # with ties
    labels = random.integers(0, 2, (size, 2))
    labels[0] = 1
    from sklearn import metrics as known

    ours = metrics.average_precision("o", "t").function({"o": logits}, {"t": labels})
    assert ours == pytest.approx(known.average_precision_score(labels, logits, average="macro"))


def test_average_precision_of_nan_is_nan():
    metric = metrics.average_precision("o", "t")
    assert np.isnan(metric.function({"o": np.full((4, 1), np.nan)}, {"t": np.ones((4, 1))}))


def test_sums_over_outputs_are_averaged_over_the_batch():
    outputs = {
        "o": tf.constant([[1.0, 2.0], [3.0, 4.0]]),
        "p": tf.constant([[0.0, 2.0], [3.0, 2.0]]),
    }
    mean = tf.reduce_mean
    assert float(mean(losses.sum_of_squares("o")(outputs, {}))) == (1 + 4 + 9 + 16) / 2
    assert float(mean(losses.squared_change("o", "p")(outputs, {}))) == (1 + 4) / 2


def test_the_moment_gap_by_hand():
    # Mean (1, 0); variances 1 and 0: the gap is 1 + (0 - 1)^2.
    code = np.array([[0.0, 0.0], [2.0, 0.0]], np.float32)
    elements = losses.moment_gap("o")({"o": tf.constant(code)}, {})
    assert elements.shape == (2, 1)
    np.testing.assert_allclose(elements, 2.0)
    assert metrics.moment_gap("o").function({"o": code}, {}) == pytest.approx(2)


def test_a_standard_normal_sample_has_a_small_gap():
    sample = np.random.default_rng(2).normal(size=(5000, 8))
    assert metrics.moment_gap("o").function({"o": sample}, {}) == pytest.approx(80 / 5000, rel=0.5)


def test_the_frechet_distance_of_shifted_and_scaled_samples():
    sample = np.random.default_rng(3).normal(size=(500, 3))
    frechet = metrics.frechet("o", "t").function
    assert frechet({"o": sample}, {"t": sample}) == pytest.approx(0, abs=1e-9)
    assert frechet({"o": sample + 2}, {"t": sample}) == pytest.approx(12)
    # (3 s - s)^2 = 4 s^2 in each direction of the covariance
    expected = 4 * np.trace(np.cov(sample.T, bias=True)) + 4 * np.sum(sample.mean(0) ** 2)
    assert frechet({"o": 3 * sample}, {"t": sample}) == pytest.approx(expected)
    assert np.isnan(frechet({"o": sample * np.nan}, {"t": sample}))
