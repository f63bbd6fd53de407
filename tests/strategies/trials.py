"""Short runs of any strategy on seeded input, shared by the tests of this folder."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from lossbench.strategies import combine, get
from lossbench.strategies.core.state import initial_state

NUM_LOSSES, NUM_PARAMETERS, NUM_STEPS = 3, 7, 3


class Trial(NamedTuple):
    """What one step is given."""

    gradients: np.ndarray  # (K, P)
    losses: np.ndarray  # (K,)
    after: np.ndarray  # (K,), losses after the update
    noise: np.ndarray | None


def trials(strategy: Any, num_losses=NUM_LOSSES, steps=NUM_STEPS, seed=0) -> list[Trial]:
    """The inputs of a few steps: independent gradients, positive losses, and noise if wanted."""
    strategy = get(strategy) if isinstance(strategy, str) else strategy
    draw = np.random.default_rng([seed, num_losses])
    made = []
    for _ in range(steps):
        losses = draw.uniform(0.5, 2.0, num_losses)
        gradients = draw.normal(size=(num_losses, NUM_PARAMETERS))
        made.append(
            Trial(gradients, losses, losses * draw.uniform(0.8, 1.0, num_losses),
                  noise(strategy, num_losses, draw))
        )  # fmt: skip
    return made


def noise(strategy: Any, num_losses: int, draw: np.random.Generator) -> np.ndarray | None:
    """Random input as the strategy asks for it."""
    wanted = strategy.noise(num_losses, NUM_PARAMETERS)
    if wanted is None:
        return None
    return draw.random(wanted.shape) if wanted.distribution == "uniform" else draw.normal(
        size=wanted.shape
    )  # fmt: skip


def tensors(trial: Trial, dtype: Any = tf.float64) -> Trial:
    """The trial in one precision."""
    return Trial(*(None if item is None else tf.cast(item, dtype) for item in trial))


def start(strategy: Any, num_losses=NUM_LOSSES, dtype: Any = tf.float64) -> Any:
    """The state before the first step."""
    return initial_state(strategy, num_losses, NUM_PARAMETERS, dtype)


def step(strategy: Any, state: Any, trial: Trial) -> tuple[tf.Tensor, tf.Tensor | None, Any]:
    """Direction, weights and state of one step, the look at the losses after it included."""
    made = combine(strategy, trial.gradients, trial.losses, state, trial.noise)
    state = made.state
    if strategy.observes_update:
        state = strategy.after_update(trial.losses, trial.after, state)
    return made.direction, made.weights, state


def run(strategy: Any, given: list[Trial], dtype: Any = tf.float64, by: Any = step) -> np.ndarray:
    """Directions (steps, P), in float64, of a run from the initial state."""
    state = start(strategy, len(given[0].losses), dtype)
    directions = []
    for trial in given:
        direction, _, state = by(strategy, state, tensors(trial, dtype))
        directions.append(direction.numpy().astype(np.float64))
    return np.stack(directions)


@functools.cache
def expected(name: str, precision: str = "float64", seed: int = 0) -> np.ndarray:
    """Directions of the eager run of a strategy: what every other way of running it is held to."""
    return run(get(name), trials(name, seed=seed), tf.as_dtype(precision))


def deviation(value: np.ndarray, truth: np.ndarray) -> float:
    """Largest error of the rows of `value`, relative to the length of the true row."""
    error = np.linalg.norm(value - truth, axis=-1)
    return float(np.max(error / np.maximum(np.linalg.norm(truth, axis=-1), 1e-300)))
