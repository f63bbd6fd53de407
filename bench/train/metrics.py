"""The metrics of all runs of a cell."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from ..store import schema
from .trainer import Trainer

if TYPE_CHECKING:
    from .step import Carry

ROWS = 2048  # of a split that go through the models at once


def scores(
    trainer: Trainer,
    carry: Carry,
    splits: Collection[str],
    only: Collection[str] | None = None,
) -> list[dict[str, float]]:
    """Metrics of every run: column metric/<head>/<name>/<split> to figure.

    NaN where a run has diverged. A metric that is fitted on a split is scored when that split is
    among those asked for, on the others.

    Args:
        trainer: of the cell.
        carry: of all runs.
        splits: which are scored.
        only: columns "<head>/<name>" to score; None is all.
    """
    data = trainer.splits
    outputs = {split: outputs_of(trainer, carry, data[split]["x"]) for split in splits}
    alive = carry.divergence.alive.numpy()
    chosen = [
        (schema.metric(f"{head.name}/{metric.name}", split), metric, split)
        for head in trainer.task.heads
        for metric in head.metrics
        for split in splits
        if only is None or f"{head.name}/{metric.name}" in only
        if metric.fitted_on is None or (metric.fitted_on in splits and split != metric.fitted_on)
    ]
    rows = []
    for run, trains in enumerate(alive):
        of_run = {
            split: {key: value[run] for key, value in of_split.items()}
            for split, of_split in outputs.items()
        }
        rows.append(
            {
                column: metric.score(of_run, data, split) if trains else math.nan
                for column, metric, split in chosen
            }
        )
    return rows


def outputs_of(trainer: Trainer, carry: Carry, x: Any, rows: int = ROWS) -> dict[str, np.ndarray]:
    """Outputs (S, N, ...) of every run's model on all of `x`, so many rows at a time."""
    outputs = trainer.network.of_all(trainer.engine.step.strategy, vectorised=trainer.vectorised)
    weights = carry.trainable, carry.other
    parts = [
        outputs(weights, tf.nest.map_structure(lambda a, at=at: tf.constant(a[at : at + rows]), x))
        for at in range(0, len(tf.nest.flatten(x)[0]), rows)
    ]
    return {key: np.concatenate([p[key].numpy() for p in parts], axis=1) for key in parts[0]}
