"""Metrics of heads. Each function names what is read and returns a `Metric`.

`chance` is what the best constant predictor of the training split reaches on the test split: the
most frequent class, the mean target. A test computes it from the data anew. `perfect` is what the
truth itself scores. Outputs that are not finite score NaN: an argmax of NaN would look like a
guess.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .task import Metric


def accuracy(
    output: str,
    label: str,
    chance: float | None = None,
    *,
    higher_is_better: bool = True,
    name: str = "accuracy",
) -> Metric:
    """Share of examples whose largest logit (N, C) is that of the label (N,)."""

    def function(outputs, arrays):
        logits = np.asarray(outputs[output])
        if not np.isfinite(logits).all():
            return float("nan")
        return float(np.mean(logits.argmax(-1) == arrays[label]))

    # Of a nuisance the best is to know nothing, which is chance.
    return Metric(
        name, function, higher_is_better, chance, perfect=1.0 if higher_is_better else None
    )


def mean_of(name: str, *metrics: Metric) -> Metric:
    """Mean of metrics that share a unit and a direction, for heads that count alike."""

    def ends(values: Sequence[float | None]) -> float | None:
        return None if None in values else float(np.mean(np.array(values, float)))

    def function(outputs, arrays):
        return float(np.mean([metric.function(outputs, arrays) for metric in metrics]))

    return Metric(
        name,
        function,
        metrics[0].higher_is_better,
        ends([metric.chance for metric in metrics]),
        perfect=ends([metric.perfect for metric in metrics]),
        overall=True,
    )


def mean_squared_error(output: str, target: str, chance: float | None = None) -> Metric:
    """Mean of (output - target)^2 over all elements (N, O)."""

    def function(outputs, arrays):
        error = np.asarray(outputs[output], np.float64) - arrays[target]
        return float(np.mean(np.square(error)))

    return Metric("mse", function, higher_is_better=False, chance=chance, perfect=0.0)


def root_mean_squared_error(output: str, target: str, chance: float | None = None) -> Metric:
    """Square root of the mean of (output - target)^2 over all elements (N, O)."""
    mse = mean_squared_error(output, target).function

    def function(outputs, arrays):
        return float(np.sqrt(mse(outputs, arrays)))

    return Metric("rmse", function, higher_is_better=False, chance=chance, perfect=0.0)


def mean_absolute_error(output: str, target: str, chance: float | None = None) -> Metric:
    """Mean of |output - target| over all elements (N, O)."""

    def function(outputs, arrays):
        error = np.asarray(outputs[output], np.float64) - arrays[target]
        return float(np.mean(np.abs(error)))

    return Metric("mae", function, higher_is_better=False, chance=chance, perfect=0.0)


def r2(output: str, target: str, scale: float = 1.0, chance: float | None = None) -> Metric:
    """1 - squared error / variance, of `scale` times the output, averaged over columns (N, O).

    The variance is that of the split scored, so the training mean scores a little below 0.
    """

    def function(outputs, arrays):
        truth = np.asarray(arrays[target], np.float64)
        error = scale * np.asarray(outputs[output], np.float64) - truth
        return float(np.mean(1 - np.mean(error**2, 0) / np.var(truth, 0)))

    return Metric("r2", function, higher_is_better=True, chance=chance, perfect=1.0)


def variance_explained(output: str, target: str) -> Metric:
    """1 - squared error / squared distance to the mean, both summed over rows and columns (N, O).

    One ratio where `r2` has one for each column: for pictures, whose corners never vary. The mean
    of the split scored is 0 by definition, that of the training split a hair below.
    """

    def function(outputs, arrays):
        truth = np.asarray(arrays[target], np.float64)
        error = np.sum(np.square(np.asarray(outputs[output], np.float64) - truth))
        return float(1 - error / np.sum(np.square(truth - truth.mean(0))))

    return Metric("variance_explained", function, higher_is_better=True, chance=0.0, perfect=1.0)


def negative_log_likelihood(output: str, label: str, chance: float | None = None) -> Metric:
    """Mean binary cross-entropy of logits (N, O) and labels 0 or 1 (N, O)."""

    def function(outputs, arrays):
        logits = np.asarray(outputs[output], np.float64)
        # log(1 + e^z) - y z, without overflow
        return float(np.mean(np.logaddexp(0, logits) - arrays[label] * logits))

    return Metric("nll", function, higher_is_better=False, chance=chance, perfect=0.0)


def average_precision(output: str, label: str, chance: float | None = None) -> Metric:
    """Area under the precision-recall curve of logits (N, O) and labels 0 or 1 (N, O).

    sum over thresholds of (recall_n - recall_n-1) precision_n, the mean over the columns. A
    constant output scores the share of positives. NaN when a column has no positive. The same as
    scikit-learn's, which takes a millisecond a column: it is asked for hundreds of times in a run.
    """

    def function(outputs, arrays):
        logits = np.asarray(outputs[output])
        if not np.isfinite(logits).all():
            return float("nan")
        columns = zip(logits.T, np.asarray(arrays[label]).T, strict=True)
        return float(np.mean([_average_precision(*column) for column in columns]))

    return Metric("average_precision", function, higher_is_better=True, chance=chance, perfect=1.0)


def _average_precision(logits: np.ndarray, positive: np.ndarray) -> float:
    order = np.argsort(-logits, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(logits[order])), len(order) - 1)  # of equal logits
    found = np.cumsum(positive[order] == 1)[ends]
    if not found[-1]:
        return float("nan")
    return float(np.sum(np.diff(found, prepend=0) / found[-1] * found / (ends + 1)))


def area_under_curve(output: str, label: str) -> Metric:
    """Area under the ROC curve of a logit (N, 1) and labels 0 or 1 (N, 1).

    The share of pairs of a positive and a negative in which the positive has the larger logit, ties
    counting half. A constant scores 0.5 however rare the positives are, so chance needs no data.
    NaN when a class is missing.
    """

    def function(outputs, arrays):
        logits = np.asarray(outputs[output], np.float64)[:, 0]
        positive = np.asarray(arrays[label])[:, 0] == 1
        yes, no = int(positive.sum()), int((~positive).sum())
        if not np.isfinite(logits).all() or not yes or not no:
            return float("nan")
        _, group, sizes = np.unique(logits, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[group]  # from 1; equal ones share their mean
        return float((ranks[positive].sum() - yes * (yes + 1) / 2) / (yes * no))

    return Metric("auc", function, higher_is_better=True, chance=0.5, perfect=1.0)


def moment_gap(output: str, chance: float | None = None) -> Metric:
    """|mean|^2 + |covariance - I|_F^2 of an output (N, O): 0 has the moments of N(0, I).

    A sample of N(0, I) itself scores about (O^2 + 2 O) / N; a constant 0 scores O.
    """

    def function(outputs, arrays):
        code = np.asarray(outputs[output], np.float64)
        gap = np.cov(code.T, bias=True) - np.eye(code.shape[1])
        return float(np.sum(code.mean(0) ** 2) + np.sum(gap**2))

    return Metric("gap", function, higher_is_better=False, chance=chance, perfect=0.0)


def frechet(output: str, target: str, chance: float | None = None) -> Metric:
    """Frechet distance of the normal distributions fitted to output and target (N, O).

    |m - n|^2 + tr(C + D - 2 (C^1/2 D C^1/2)^1/2), as in the Frechet inception distance (Heusel et
    al. 2017) without the inception network.
    """

    def function(outputs, arrays):
        drawn = np.asarray(outputs[output], np.float64)
        real = np.asarray(arrays[target], np.float64)
        if not np.isfinite(drawn).all():
            return float("nan")
        first, second = np.cov(drawn.T, bias=True), np.cov(real.T, bias=True)
        root = _root(second)
        cross = np.trace(_root(root @ first @ root))
        means = np.sum((drawn.mean(0) - real.mean(0)) ** 2)
        return float(means + np.trace(first) + np.trace(second) - 2 * cross)

    return Metric("frechet", function, higher_is_better=False, chance=chance, perfect=0.0)


def _root(matrix: np.ndarray) -> np.ndarray:
    """Square root of a symmetric positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


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
