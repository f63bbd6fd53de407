"""The metrics of all runs of a cell."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tensorflow as tf

from ...datasets.core.data import cut, rows
from ...strategies.core.plugins import in_one_line
from ..store import schema
from .trainer import Trainer

if TYPE_CHECKING:
    from ...datasets.core.metric import Metric
    from ...datasets.core.task import Splits
    from .step import Carry

ROWS = 2048  # of a split that go through the models at once


class Scored(NamedTuple):
    """The figures of one run.

    Attributes:
        figures: column metric/<head>/<name>/<split> to figure, NaN where there is none.
        missing: why there is none, a few words each.
    """

    figures: dict[str, float]
    missing: tuple[str, ...]


def scores(
    trainer: Trainer,
    carry: Carry,
    splits: Collection[str],
    only: Collection[str] | None = None,
) -> list[Scored]:
    """Metrics of every run.

    None where a run has diverged, where a metric is not finite, and where it fails: a figure that
    is missing costs no other. A metric that is fitted on a split is scored when that split is among
    those asked for, on the others.

    Args:
        trainer: of the cell.
        carry: of all runs.
        splits: which are scored.
        only: columns "<head>/<name>" to score; None is all.
    """
    data = trainer.splits
    outputs = {split: outputs_of(trainer, carry, data[split]["x"]) for split in splits}
    chosen = [
        (f"{head.name}/{metric.name}", metric, split)
        for head in trainer.task.heads
        for metric in head.metrics
        for split in splits
        if only is None or f"{head.name}/{metric.name}" in only
        if metric.fitted_on is None or (metric.fitted_on in splits and split != metric.fitted_on)
    ]
    found = []
    for run, trains in enumerate(carry.divergence.alive.numpy()):
        of_run = {
            split: {key: value[run] for key, value in of_split.items()}
            for split, of_split in outputs.items()
        }
        figures, missing = {}, []
        for name, metric, split in chosen:
            figure, why = _figure(metric, of_run, data, split) if trains else (math.nan, "")
            figures[schema.metric(name, split)] = figure
            if why:
                missing.append(f"no {name} on {split}: {why}")
        found.append(Scored(figures, tuple(missing)))
    return found


def _figure(
    metric: Metric, outputs: dict[str, dict[str, np.ndarray]], data: Splits, split: str
) -> tuple[float, str]:
    """A figure, or NaN and why there is none."""
    try:
        figure = metric.score(outputs, data, split)
    except Exception as error:  # a metric may be anybody's function
        return math.nan, in_one_line(error)
    return (figure, "") if math.isfinite(figure) else (math.nan, f"{figure:g}")


def outputs_of(trainer: Trainer, carry: Carry, x: Any, many: int = ROWS) -> dict[str, np.ndarray]:
    """Outputs (S, N, ...) of every run's model on all of `x`, so many rows at a time."""
    outputs = trainer.network.of_all(trainer.engine.step.strategy, vectorised=trainer.vectorised)
    weights = carry.trainable, carry.other
    parts = [
        outputs(weights, tf.nest.map_structure(tf.constant, cut(x, at, at + many)))
        for at in range(0, rows(x), many)
    ]
    return {key: np.concatenate([p[key].numpy() for p in parts], axis=1) for key in parts[0]}
