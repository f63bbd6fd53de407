"""Losses and gradients that are hard on a memory: a first loss of 0, and gradients of 1e5."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from lossbench.strategies import Strategy, combine, get, names
from lossbench.strategies.core.state import initial_state

STEPS = 300
ROWS = np.array([[3.0, 0.0, 1.0], [0.0, 1.0, 1.0]], np.float32)


def effect(name: str, losses: np.ndarray, rows: np.ndarray = ROWS) -> np.ndarray:
    """Lengths (T, K) of what a strategy makes of each row, or what it does along it, in a run."""
    strategy: Strategy = get(name)
    wanted = strategy.noise(*rows.shape)
    random = np.random.default_rng(0)

    def one(state, value, noise):
        made = combine(strategy, rows, value, state, noise)
        state = made.state
        if strategy.observes_update:
            state = strategy.after_update(value, 0.99 * value, state)
        seen = made.weights if made.weights is not None else tf.linalg.matvec(rows, made.direction)
        return seen, state

    traced = tf.function(one)
    found, state = [], initial_state(strategy, *rows.shape, tf.float32)
    for value in losses:
        seen, state = traced(state, tf.constant(value), _draw(wanted, random))
        found.append(seen.numpy())
    return np.array(found)


def _draw(wanted, random):
    return None if wanted is None else tf.constant(random.random(wanted.shape), tf.float32)


def noisy(steps: int = STEPS) -> np.ndarray:
    random = np.random.default_rng(1)
    return (1 + 0.3 * random.uniform(-1, 1, (steps, 2))).astype(np.float32)


@pytest.mark.parametrize("name", names())
def test_a_first_loss_of_zero_is_not_held_against_it_for_ever(name):
    """A head without a label, or without an error, in its first batch."""
    usual, late = noisy(), noisy()
    late[0, 1] = 0
    expected, found = (effect(name, losses)[-50:].mean(axis=0) for losses in (usual, late))
    np.testing.assert_allclose(found, expected, rtol=0.15, atol=0.02)


@pytest.mark.parametrize("name", names())
def test_a_loss_that_is_zero_now_and_then_breaks_nothing(name):
    losses = noisy()
    losses[::7, 1] = 0
    assert np.isfinite(effect(name, losses)).all()


@pytest.mark.parametrize("name", [name for name in names() if get(name).noise(2, 3) is None])
def test_long_gradients_do_not_make_weights_swing(name):
    """With losses and gradients that stand still, weights settle: by half a decade at most."""
    rows = ROWS * np.array([[1e5], [1.0]], np.float32)
    late = np.abs(effect(name, np.ones((STEPS, 2), np.float32), rows)[-50:])
    assert np.isfinite(late).all()
    assert (late.max(axis=0) <= 3 * late.min(axis=0) + 1e-6).all()
