"""The losses of the best constant predictor: what a model reaches that does not look at its input.

    min over c of the mean of loss_k(c),   every output the same c for all rows

The size of a loss that needs no run: the variance of a target, the entropy of a label. 0 where a
constant is as good as it gets, as for a divergence from a fixed distribution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from ...datasets.core.data import cut, rows
from ...strategies import Strategy
from ..plan.told import filled

if TYPE_CHECKING:
    from ...datasets.core.task import Head
    from .network import Network

ROWS = 4096  # of the training split, spread over it
ITERATIONS = 100
NEGLIGIBLE = 1e-6  # a loss below this is what the search left of 0


def constant_losses(network: Network, train: Mapping[str, Any]) -> np.ndarray:
    """The losses (K,) of the best constant outputs, each loss by itself; NaN where none is found.

    Args:
        network: whose combined losses.
        train: arrays of the training split.
    """
    count = rows(train["x"])
    chosen = np.unique(np.linspace(0, count - 1, min(count, ROWS)).astype(int))
    batch = tf.nest.map_structure(lambda a: tf.constant(np.asarray(a)[chosen]), dict(train))
    variables = [
        [variable.value for variable in group]
        for group in (network.model.trainable_variables, network.model.non_trainable_variables)
    ]
    some = cut(batch["x"], 0, 2)
    shapes = {
        key: tuple(value.shape[1:])
        for key, value in network.outputs(Strategy(), *variables, some).items()
    }
    return np.array([_smallest(head, shapes, batch, len(chosen)) for head in network.combined])


def divided(strategy: Any, network: Network, train: Mapping[str, Any]) -> Any:
    """The strategy with the `constant_losses` of the task, where it leaves them open.

    A loss that a constant brings to 0, or that has none, counts as 1.

    Args:
        strategy: any.
        network: whose combined losses.
        train: arrays of the training split.
    """

    def known(_: Any) -> tuple[float, ...]:
        found = constant_losses(network, train)
        return tuple(np.where(found > NEGLIGIBLE, found, 1.0).tolist())

    return filled(strategy, {"constant_losses": known})


def _smallest(
    head: Head, shapes: Mapping[str, tuple[int, ...]], batch: Mapping[str, Any], rows: int
) -> float:
    from scipy.optimize import minimize

    sizes = [math.prod(shape) for shape in shapes.values()]

    def value(constants: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(constants)
            parts = tf.split(tf.cast(constants, tf.float32), sizes)
            outputs = {
                key: tf.broadcast_to(tf.reshape(part, shape), (rows, *shape))
                for (key, shape), part in zip(shapes.items(), parts, strict=True)
            }
            elements = head.loss(outputs, batch)
            observed = tf.ones((1, 1)) if head.observed is None else batch[head.observed]
            loss = tf.cast(Strategy().reduce(elements, observed, tf.ones(())), tf.float64)
        return loss, tape.gradient(loss, constants, unconnected_gradients="zero")

    traced = tf.function(value, autograph=False)

    def numbers(constants: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient = traced(tf.constant(constants))
        return float(loss), gradient.numpy()

    try:
        found = minimize(
            numbers,
            np.zeros(sum(sizes)),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": ITERATIONS},
        )
    except Exception:  # a loss of anybody's file, at outputs that no model may give
        return math.nan
    return float(found.fun) if math.isfinite(found.fun) else math.nan
