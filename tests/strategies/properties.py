"""What strategies may promise, as checks on random gradients. The vocabulary of `promises`."""

from __future__ import annotations

import numpy as np
from trials import deviation, run, tensors, trials

from lossbench.strategies import combine

TOLERANCE = 1e-7  # relative, in float64; eigenvectors cost some digits


def permutation_equivariant(strategy, given):
    """Permuted losses make the same direction, over several steps."""
    num_losses = len(given[0].losses)
    order = np.random.default_rng(0).permutation(num_losses)
    permuted = [
        trial._replace(
            gradients=trial.gradients[order],
            losses=trial.losses[order],
            after=trial.after[order],
            noise=_permuted(trial.noise, order),
        )
        for trial in given
    ]
    assert deviation(run(strategy, permuted), run(strategy, given)) < TOLERANCE


def _permuted(noise, order):
    """Noise that is drawn per loss (or per pair) moves along with the losses."""
    if noise is None:
        return None
    for axis, length in enumerate(noise.shape):
        if length == len(order):
            noise = np.take(noise, order, axis=axis)
    return noise


def linear_under_scaling(strategy, given):
    """The direction is a linear function of positive factors on the rows."""
    trial = given[0]
    draw = np.random.default_rng(1)
    one, two = draw.uniform(0.1, 2, (2, len(trial.losses), 1))
    mixed = _direction(strategy, trial, scale=0.3 * one + 0.6 * two)
    parts = 0.3 * _direction(strategy, trial, one) + 0.6 * _direction(strategy, trial, two)
    assert deviation(mixed, parts) < TOLERANCE


def non_conflicting(strategy, given):
    """The step does not increase any loss, to first order."""
    inner = given[0].gradients @ _direction(strategy, given[0])
    lengths = np.linalg.norm(given[0].gradients, axis=1)
    assert np.all(inner >= -TOLERANCE * lengths * np.max(lengths)), inner


def non_conflicting_for_two(strategy, given):
    """Non-conflicting for two losses."""
    non_conflicting(strategy, [_first_losses(strategy, given[0], 2)])


def minimum_norm(strategy, given):
    """The direction is the shortest convex combination: <g_i, u> >= |u|^2 for all i."""
    direction = _direction(strategy, given[0])
    square = direction @ direction
    inner = given[0].gradients @ direction
    assert np.all(inner >= square - TOLERANCE * np.max(given[0].gradients ** 2)), (inner, square)


def equal_cosines(strategy, given):
    """The direction makes the same angle with every gradient (independent rows)."""
    direction = _direction(strategy, given[0])
    units = given[0].gradients / np.linalg.norm(given[0].gradients, axis=1, keepdims=True)
    cosines = units @ direction / np.linalg.norm(direction)
    assert np.ptp(cosines) < TOLERANCE, cosines


def equal_projections(strategy, given):
    """The direction has the same projection on every unit gradient (independent rows)."""
    equal_cosines(strategy, given)


def bargaining(strategy, given):
    """Every loss gets the same product of its weight and its gain: a_i <g_i, u> is constant."""
    made = _combination(strategy, given[0])
    gains = made.weights.numpy() * (given[0].gradients @ made.direction.numpy())
    assert np.all(gains > 0), gains
    assert np.ptp(gains) < TOLERANCE * np.max(gains), gains


def row_scale_invariant(strategy, given):
    """Positive factors on the rows do not turn the direction."""
    one = _direction(strategy, given[0])
    # Several: a sign that depends on the factors turns for some of them only.
    for factors in 10.0 ** np.random.default_rng(2).uniform(-2, 2, (6, len(given[0].losses), 1)):
        two = _direction(strategy, given[0], factors)
        assert deviation(two / np.linalg.norm(two), one / np.linalg.norm(one)) < TOLERANCE


PROPERTIES = {
    check.__name__: check
    for check in (
        permutation_equivariant,
        linear_under_scaling,
        non_conflicting,
        non_conflicting_for_two,
        minimum_norm,
        equal_cosines,
        equal_projections,
        bargaining,
        row_scale_invariant,
    )
}


def _combination(strategy, trial, scale=1.0):
    trial = tensors(trial._replace(gradients=trial.gradients * scale))
    return combine(strategy, trial.gradients, trial.losses, noise=trial.noise)


def _direction(strategy, trial, scale=1.0):
    return _combination(strategy, trial, scale).direction.numpy()


def _first_losses(strategy, trial, num_losses):
    fresh = trials(strategy, num_losses, steps=1)[0]
    return trial._replace(
        gradients=trial.gradients[:num_losses],
        losses=trial.losses[:num_losses],
        noise=fresh.noise,
    )
