"""Metrics of heads. Each function names what is read and returns a `Metric`.

`chance` is what the best constant predictor of the training split reaches on the test split: the
most frequent class, the mean target. A test computes it from the data anew. `perfect` is what the
truth itself scores. Outputs that are not finite score NaN: an argmax of NaN would look like a
guess. Labels that are missing count nowhere: a third argument is the mask or the weights (N, O) or
(N, 1) of the head, which `Metric.score` hands over.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .classification import (
    accuracy,
    area_under_curve,
    average_precision,
    negative_log_likelihood,
    probe,
)
from .distributions import frechet, moment_gap
from .errors import (
    mean_absolute_error,
    mean_squared_error,
    r2,
    root_mean_squared_error,
    variance_explained,
)
from .task import Metric

__all__ = [
    "accuracy",
    "area_under_curve",
    "average_precision",
    "frechet",
    "mean_absolute_error",
    "mean_of",
    "mean_squared_error",
    "moment_gap",
    "negative_log_likelihood",
    "probe",
    "r2",
    "root_mean_squared_error",
    "variance_explained",
]


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
        parts=metrics,
    )
