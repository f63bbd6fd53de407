"""Problems without data: two losses of a point in the plane, and a Pareto set that is known.

The model is the point itself: two weights, started at random, and a dummy input of ones.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from .task import SPLITS, Head, Metric, Task

if TYPE_CHECKING:
    Objective = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def problem(
    *,
    summary: str,
    source: str,
    objectives: tuple[Objective, Objective],
    front: Callable[[], np.ndarray],
    start: tuple[tuple[float, float], tuple[float, float]],
    steps: int,
    learning_rate: float,
    variations: tuple[str, ...] = (),
) -> Task:
    """The task of one problem.

    Its metrics: `gain` of a loss is 1 at its own minimum and 0 at that of the other loss, linear in
    the loss between; `worst_gain` is the smaller one, which falls off the front and at its ends;
    `distance` is the Euclidean distance of the point to the Pareto set; `imbalance` is the
    difference of the gains.

    Args:
        summary: the question, in one line.
        source: where the problem comes from.
        objectives: functions of the coordinates (B,) and (B,), each of values (B,).
        front: the Pareto set as the corners (P, 2) of a path, from the minimum of the first loss to
            that of the second one; worked out when a metric asks for it.
        start: the range of x and that of y in which points start, uniformly. Away from the minima:
            a loss that starts near 0 is ten times as large anywhere on the front, which would
            pass for divergence.
        steps: length of a run.
        learning_rate: of Adam.
        variations: as in `Task`; a scaled loss moves no point of the Pareto set.
    """

    def values(points: np.ndarray) -> np.ndarray:
        """Both losses, unscaled, (N, 2)."""
        x, y = (tf.constant(points[:, i], tf.float64) for i in range(2))
        return np.stack([objective(x, y).numpy() for objective in objectives], 1)

    def gains(outputs) -> np.ndarray:
        """Gains of both losses (2,)."""
        ends = values(front()[[0, -1]])
        best, worst = np.diag(ends), np.diag(ends[::-1])
        return ((worst - values(_points(outputs))) / (worst - best)).mean(0)

    def gain(index: int) -> Metric:
        def function(outputs, arrays):
            return float(gains(outputs)[index])

        return Metric("gain", function, higher_is_better=True, chance=0.0, perfect=1.0)

    def loss(objective: Objective):
        def function(outputs, batch):
            point = outputs["point"]
            return objective(point[:, 0], point[:, 1])[:, None]

        return function

    def model() -> keras.Model:
        """1 -> 2 without a bias: the weights are the point."""
        x = keras.Input((1,), name="x")
        low, high = np.transpose(start)

        def initial(shape, dtype=None):
            return low + (high - low) * keras.initializers.RandomUniform(0, 1)(shape, dtype)

        point = keras.layers.Dense(2, use_bias=False, kernel_initializer=initial, name="point")
        return keras.Model(x, {"point": point(x)})

    together = (
        Metric(
            "worst_gain",
            lambda outputs, arrays: float(gains(outputs).min()),
            higher_is_better=True,
            chance=0.0,
            perfect=1.0,  # both minima at once: out of reach, since the losses conflict
            overall=True,
        ),
        Metric(
            "distance",
            lambda outputs, arrays: distance(_points(outputs), front()).mean(),
            higher_is_better=False,
            perfect=0.0,
            overall=True,
        ),
        Metric(
            "imbalance",
            lambda outputs, arrays: abs(float(np.diff(gains(outputs))[0])),
            higher_is_better=False,
            perfect=0.0,
            overall=True,
        ),
    )
    return Task(
        summary=summary,
        source=source,
        situation="balanced",
        dataset="",
        data=_nothing,
        model=model,
        heads=(
            Head("first", loss(objectives[0]), metrics=(gain(0), *together)),
            Head("second", loss(objectives[1]), metrics=(gain(1),)),
        ),
        primary="first/worst_gain",
        steps=steps,
        batch_size=1,
        learning_rate=learning_rate,
        variations=variations,
    )


def distance(points: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Euclidean distances (N,) of points (N, 2) to a path with the corners (P, 2).

    Example:
        >>> distance(np.array([[0.0, 2.0], [3.0, 0.0]]), np.array([[-1.0, 0.0], [1.0, 0.0]]))
        array([2., 2.])
    """
    begin, step = path[:-1], np.diff(path, axis=0)
    offset = points[:, None] - begin  # (N, P - 1, 2)
    along = np.clip((offset * step).sum(-1) / (step**2).sum(-1), 0, 1)
    return np.linalg.norm(offset - along[..., None] * step, axis=-1).min(1)


def _points(outputs) -> np.ndarray:
    return np.asarray(outputs["point"], np.float64)


def _nothing(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """One row of ones in every split: there is nothing to learn from and nothing to leak."""
    return {split: {"x": np.ones((1, 1), np.float32)} for split in SPLITS}
