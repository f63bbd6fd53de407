"""What a task is: data, a model, the losses of its heads, metrics and defaults.

Nothing here imports TensorFlow; task files import it lazily or at the top, as they like.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf

    Arrays = Mapping[str, np.ndarray]  # one split: "x" and whatever losses and metrics read
    Splits = Mapping[str, Arrays]  # "train", "validation", "test"
    Batch = Mapping[str, tf.Tensor]
    Outputs = Mapping[str, tf.Tensor]

SPLITS = ("train", "validation", "test")


@dataclasses.dataclass(frozen=True)
class Metric:
    """One figure of one head.

    Attributes:
        name: column `metric/<head>/<name>/<split>`.
        function: (outputs, arrays) of a whole split as numpy arrays -> float.
        higher_is_better: its direction.
        chance: what a constant predictor reaches on the test split, or None when unknown.
    """

    name: str
    function: Callable[[Mapping[str, Any], Arrays], float]
    higher_is_better: bool
    chance: float | None = None


@dataclasses.dataclass(frozen=True)
class Head:
    """One loss of a task and the metrics that judge it.

    Attributes:
        name: also the key of the output that it reads, by convention.
        loss: (outputs, batch) -> elements (B, O) whose mean is the loss. Cross-entropy over O
            classes returns O times its terms, so that a mask of outputs can act on it.
        kind: "task": combined by the strategy. "regulariser": added with `weight` after the
            combination. "nuisance": its head minimises it, the trunk sees it with sign -1 times
            `weight`.
        weight: the hand-set weight of the source document; what `weighted` uses on this task.
        observed: key of the (B, O) mask in the batch that is 0 where a label is missing.
        relevant: indices of the outputs that matter, for strategies that mask; None is all.
        metrics: at least one for a task head.
    """

    name: str
    loss: Callable[[Outputs, Batch], tf.Tensor]
    kind: Literal["task", "regulariser", "nuisance"] = "task"
    weight: float = 1.0
    observed: str | None = None
    relevant: tuple[int, ...] | None = None
    metrics: tuple[Metric, ...] = ()


@dataclasses.dataclass(frozen=True)
class Task:
    """A task: everything that a run needs but the strategy.

    Attributes:
        summary: the question that it answers, in one line.
        source: the document or paper that it comes from.
        dataset: name of the TFDS data set.
        data: folder of prepared data -> arrays of the three splits. The same for every run:
            derived data (overlays, marks, noise) come from constant seeds.
        model: a new keras.Model with a dict of outputs, called on `x`. Its initial weights depend
            on `keras.utils.set_random_seed` alone.
        heads: the losses, in the order that strategies see.
        primary: the column of the main metric, "<head>/<metric>".
        steps, batch_size, optimizer, learning_rate: measured defaults; the learning rate decays
            to 0 along a half cosine.
    """

    summary: str
    source: str
    dataset: str
    data: Callable[[Path], Splits]
    model: Callable[[], keras.Model]
    heads: tuple[Head, ...]
    primary: str
    steps: int
    batch_size: int = 64
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = 5e-3
    name: str = ""

    def metric(self, column: str) -> Metric:
        """The metric of a column "<head>/<metric>"."""
        for head in self.heads:
            for metric in head.metrics:
                if f"{head.name}/{metric.name}" == column:
                    return metric
        raise ValueError(f"{self.name or 'task'} has no metric {column!r}")
