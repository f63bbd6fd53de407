"""Metrics of heads. Each function names what is read and returns a `Metric`.

`chance` is what the best constant predictor of the training split reaches on the test split: the
most frequent class, the mean target. A test computes it from the data anew. Outputs that are not
finite score NaN: an argmax of NaN would look like a guess.
"""

from __future__ import annotations

import numpy as np

from .task import Metric


def accuracy(
    output: str, label: str, chance: float | None = None, *, higher_is_better: bool = True
) -> Metric:
    """Share of examples whose largest logit (N, C) is that of the label (N,)."""

    def function(outputs, arrays):
        logits = np.asarray(outputs[output])
        if not np.isfinite(logits).all():
            return float("nan")
        return float(np.mean(logits.argmax(-1) == arrays[label]))

    return Metric("accuracy", function, higher_is_better, chance)


def mean_squared_error(output: str, target: str, chance: float | None = None) -> Metric:
    """Mean of (output - target)^2 over all elements (N, O)."""

    def function(outputs, arrays):
        error = np.asarray(outputs[output], np.float64) - arrays[target]
        return float(np.mean(np.square(error)))

    return Metric("mse", function, higher_is_better=False, chance=chance)


def probe(features: str, label: str, chance: float | None = None) -> Metric:
    """How much of `label` a fresh linear classifier still finds in the frozen features.

    Accuracy of a logistic regression on `features` (N, F), standardised, fitted on the validation
    split. The right measure of what a trunk has unlearned: the nuisance head that it was trained
    against can be at chance while the information is all there. Lower is better.

    A constant feature is left at 0; features that are not finite score NaN.
    """

    def function(outputs, arrays, fit_outputs, fit_arrays):
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        fit = np.asarray(fit_outputs[features], np.float64)
        scored = np.asarray(outputs[features], np.float64)
        if not (np.isfinite(fit).all() and np.isfinite(scored).all()):
            return float("nan")
        classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        classifier.fit(fit, fit_arrays[label])
        return float(classifier.score(scored, arrays[label]))

    return Metric("probe", function, higher_is_better=False, chance=chance, fitted_on="validation")
