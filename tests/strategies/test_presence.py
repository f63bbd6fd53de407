"""Losses that are absent from a step: every strategy does what it would do without them."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from lossbench import strategies
from lossbench.strategies import combine
from lossbench.strategies.core.presence import Present
from lossbench.strategies.core.weighing import observe

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.standard_normal((4, 7)).astype(np.float32)
LOSSES = np.array([1.0, 2.0, 0.5, 3.0], np.float32)
MASKS = [(1, 0, 1, 1), (0, 1, 0, 0), (1, 1, 0, 0)]
NO_ROLES = [name for name in strategies.names() if not strategies.get(name).roles]


def noise_of(strategy: strategies.Strategy, size: int) -> np.ndarray | None:
    wanted = strategy.noise(size, ROWS.shape[1])
    return None if wanted is None else RANDOM.random(wanted.shape).astype(np.float32)


def few(values, mask: np.ndarray):
    """The part of numbers with axes of four losses that belongs to those that are there."""
    if values is None:
        return None
    for axis, length in enumerate(np.shape(values)):
        if length == len(mask):
            values = np.compress(mask, values, axis=axis)
    return values


def some(mask) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mask, and gradients and losses that are no numbers where a loss is absent."""
    there = np.array(mask, bool)
    return there, np.where(there[:, None], ROWS, np.nan), np.where(there, LOSSES, np.nan)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", NO_ROLES)
def test_the_losses_that_are_there_are_combined_as_if_there_were_no_others(name, mask):
    strategy = strategies.get(name)
    there, rows, losses = some(mask)
    noise = noise_of(strategy, 4)
    first = combine(strategy, ROWS, LOSSES, noise=noise)  # all have a history
    found = combine(strategy, rows, losses, first.state, noise, present=mask)
    state = tf.nest.map_structure(lambda leaf: few(leaf.numpy(), there), first.state)
    alone = combine(strategy, ROWS[there], LOSSES[there], state, few(noise, there))
    np.testing.assert_allclose(found.direction, alone.direction, rtol=1e-4, atol=1e-6)
    if alone.weights is not None:
        assert found.weights is not None
        np.testing.assert_allclose(few(found.weights, there), alone.weights, rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(few(found.weights, ~there), 0)


@pytest.mark.parametrize("mask", [*MASKS, (1, 1, 1, 1), (0, 0, 0, 0)])
@pytest.mark.parametrize("name", ["sum", "famo", "mgda", "pcgrad", "graddrop", "subtraction"])
def test_a_mask_that_the_graph_does_not_know_gives_the_same(name, mask):
    strategy = strategies.get(name)
    noise = noise_of(strategy, 4)
    known = combine(strategy, ROWS, LOSSES, noise=noise, present=mask)
    traced = tf.function(lambda there: combine(strategy, ROWS, LOSSES, noise=noise, present=there))
    found = traced(tf.constant(mask))
    for a, b in zip(tf.nest.flatten(known), tf.nest.flatten(found), strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", strategies.names())
def test_what_is_remembered_of_an_absent_loss_stays(name):
    strategy = strategies.get(name)
    there, rows, losses = some((1, 0, 1, 1))
    noise = noise_of(strategy, 4)
    before = combine(strategy, ROWS, LOSSES, noise=noise).state
    after = combine(strategy, rows, losses, before, noise, present=there).state
    if strategy.observes_update:
        after = observe(strategy, losses, 0.9 * losses, after, Present(tf.constant(there), (3,)))
    for old, new in zip(tf.nest.flatten(before), tf.nest.flatten(after), strict=True):
        assert np.isfinite(new).all()
        if old.shape.rank and old.shape[0] == 4:
            np.testing.assert_array_equal(old[1], new[1])
        if old.shape == (4, 4):
            np.testing.assert_array_equal(old[:, 1], new[:, 1])


@pytest.mark.parametrize("name", strategies.names())
def test_without_any_loss_there_is_no_update_and_nothing_is_learned(name):
    strategy = strategies.get(name)
    noise = noise_of(strategy, 4)
    before = combine(strategy, ROWS, LOSSES, noise=noise).state
    found = combine(strategy, ROWS * np.nan, LOSSES * np.nan, before, noise, present=[0] * 4)
    np.testing.assert_array_equal(found.direction, 0)
    if not strategy.roles:
        for old, new in zip(tf.nest.flatten(before), tf.nest.flatten(found.state), strict=True):
            np.testing.assert_array_equal(old, new)


def test_where_losses_have_roles_an_absent_one_keeps_its_place():
    found = combine("subtraction", ROWS, LOSSES, present=[0, 1, 0, 0])
    np.testing.assert_allclose(found.direction, -ROWS[1])
    chosen = strategies.get("subset", losses=(1,))
    found = combine(chosen, ROWS, LOSSES, present=[1, 1, 0, 0])
    np.testing.assert_allclose(found.direction, 0.2 * ROWS[0] + ROWS[1], rtol=1e-5)


def test_a_reference_that_is_absent_changes_no_weight():
    state = tf.constant([1.0, 2.0, 3.0, 4.0])
    found = combine("lr_annealing", ROWS, LOSSES, state, present=[0, 1, 1, 1])
    np.testing.assert_allclose(found.state, state, rtol=1e-6)


def test_numbers_for_each_loss_stay_with_their_loss():
    weighted = strategies.get("weighted", weights=(1.0, 2.0, 3.0, 4.0))
    found = combine(weighted, ROWS, LOSSES, present=[0, 1, 0, 1])
    np.testing.assert_allclose(found.direction, 2 * ROWS[1] + 4 * ROWS[3], rtol=1e-6)
    inside = strategies.get("clipped", of=weighted, max_norm=1e6)
    np.testing.assert_allclose(
        combine(inside, ROWS, LOSSES, present=[0, 1, 0, 1]).direction, found.direction, rtol=1e-6
    )


def test_a_mask_of_another_length_is_refused():
    with pytest.raises(
        ValueError, match=r"sum: present has shape \(4,\), one per loss; got \(2,\)"
    ):
        combine("sum", ROWS, LOSSES, present=[1, 0])
