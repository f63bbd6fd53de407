"""Metrics of logits against labels: one class of several, or yes and no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import rankings
from .shapes import alike, classes, weights
from .task import Metric
from .weighted import mean


def accuracy(
    output: str,
    label: str,
    chance: float | None = None,
    *,
    higher_is_better: bool = True,
    name: str = "accuracy",
) -> Metric:
    """Share of examples whose largest logit (N, C) is that of the label (N,) or (N, 1)."""

    def function(outputs, arrays, observed=None):
        logits = np.asarray(outputs[output])
        truth = classes(label, np.asarray(arrays[label]), output, logits)
        if not np.isfinite(logits).all():
            return float("nan")
        counted = weights(observed, logits.shape)
        return mean(logits.argmax(-1) == truth, None if counted is None else counted.mean(1))

    # Of a nuisance the best is to know nothing, which is chance.
    return Metric(
        name,
        function,
        higher_is_better,
        chance,
        perfect=1.0 if higher_is_better else None,
        reads=output,
    )


def negative_log_likelihood(output: str, label: str, chance: float | None = None) -> Metric:
    """Mean binary cross-entropy of logits (N, O) and labels 0 or 1 (N, O)."""

    def function(outputs, arrays, observed=None):
        logits = np.asarray(outputs[output], np.float64)
        truth = np.asarray(arrays[label])
        alike(label, truth, output, logits)
        # log(1 + e^z) - y z, without overflow
        terms = np.logaddexp(0, logits) - truth * logits
        return mean(terms, weights(observed, logits.shape))

    return Metric("nll", function, higher_is_better=False, chance=chance, perfect=0.0, reads=output)


def average_precision(output: str, label: str, chance: float | None = None) -> Metric:
    """Area under the precision-recall curve of logits (N, O) and labels 0 or 1 (N, O).

    The mean over the columns; a constant output scores the share of positives. NaN when a column
    has no positive.
    """
    return Metric(
        "average_precision",
        _ofcolumn_means(rankings.average_precision, output, label),
        higher_is_better=True,
        chance=chance,
        perfect=1.0,
        reads=output,
    )


def area_under_curve(output: str, label: str) -> Metric:
    """Area under the ROC curve of logits (N, O) and labels 0 or 1 (N, O).

    The mean over the columns. A constant scores 0.5 however rare the positives are, so chance needs
    no data. NaN when a class is missing in a column.
    """
    return Metric(
        "auc",
        _ofcolumn_means(rankings.area_under_curve, output, label),
        higher_is_better=True,
        chance=0.5,
        perfect=1.0,
        reads=output,
    )


def probe(features: str, label: str, chance: float | None = None) -> Metric:
    """How much of `label` a fresh linear classifier still finds in the frozen features.

    Accuracy of a logistic regression on `features` (N, F), standardised, fitted on the validation
    split. The right measure of what a trunk has unlearned: the nuisance head that it was trained
    against can be at chance while the information is all there. Lower is better.

    A constant feature is left at 0; features that are not finite score NaN.
    """

    def function(outputs, arrays, fit_outputs, fit_arrays, observed=None, fit_observed=None):
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        fit, fit_labels, _ = _labelled(fit_outputs[features], fit_arrays[label], fit_observed)
        scored, labels, counted = _labelled(outputs[features], arrays[label], observed)
        if not (np.isfinite(fit).all() and np.isfinite(scored).all()):
            return float("nan")
        classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        classifier.fit(fit, fit_labels)
        return float(classifier.score(scored, labels, counted))

    return Metric(
        "probe",
        function,
        higher_is_better=False,
        chance=chance,
        fitted_on="validation",
        reads=features,
    )


def _ofcolumn_means(score: Callable[..., float], output: str, label: str) -> Callable[..., float]:
    """The mean over columns (N, O) of a score of logits and labels."""

    def function(outputs, arrays, observed=None):
        logits = np.asarray(outputs[output], np.float64)
        positive = np.asarray(arrays[label]) == 1
        alike(label, positive, output, logits)
        if not np.isfinite(logits).all():
            return float("nan")
        counted = weights(observed, logits.shape)
        if counted is None:
            columns = zip(logits.T, positive.T, strict=True)
            return float(np.mean([score(*column) for column in columns]))
        found = []
        for column, yes, part in zip(logits.T, positive.T, counted.T, strict=True):
            seen = part > 0
            alone = (part[seen] == 1).all()
            found.append(score(column[seen], yes[seen], None if alone else part[seen]))
        return float(np.mean(found))

    return function


def _labelled(
    features: Any, labels: Any, observed: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Features (N, F), labels (N,) and weights of the rows that have a label."""
    values, truth = np.asarray(features, np.float64), np.asarray(labels)
    truth = truth[:, 0] if truth.ndim == 2 and truth.shape[1] == 1 else truth
    if observed is None:
        return values, truth, None
    part = np.asarray(observed, np.float64).mean(1)
    seen = part > 0
    return values[seen], truth[seen], part[seen]
