"""Weights that follow the losses start at the size of the first ones."""

import numpy as np
import pytest

from lossbench.strategies import combine, get

ROWS = [[1.0, 0.0], [0.0, 2.0]]
STARTS = {"uw": 0.5, "imtl_l": 1.0}  # weight times loss where the learned logarithm is best


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("losses", [[1.0, 1.0], [1e5, 0.02], [7.0, 1e-3]])
def test_each_loss_has_the_same_share_from_the_first_step(name, losses):
    first = combine(name, ROWS, losses)
    np.testing.assert_allclose(first.weights * losses, 2 * [STARTS[name]], rtol=1e-6)
    np.testing.assert_allclose(combine(name, ROWS, losses, first.state).weights, first.weights)


@pytest.mark.parametrize("loss", [1e-3, 0.2, 3.0, 1e5])
def test_the_revised_objective_starts_at_its_minimum(loss):
    first = combine("uw_revised", ROWS, [loss, 1.0])
    again = combine("uw_revised", ROWS, [loss, 1.0], first.state)
    np.testing.assert_allclose(again.state, first.state, atol=1e-6)
    variance = np.exp(first.state[0])
    np.testing.assert_allclose(2 * variance**2 / (1 + variance), loss, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "weight"),
    [
        ("uw(log_variance=0.0)", 0.5),
        ("uw_revised(log_variance=0.0)", 0.5),
        ("imtl_l(log_scale=0.0)", 1),
    ],
)
def test_the_start_of_the_paper_is_an_option(call, weight):
    np.testing.assert_allclose(combine(call, ROWS, [1e5, 0.02]).weights, [weight, weight])


@pytest.mark.parametrize("name", [*STARTS, "uw_revised", "normalized"])
def test_a_first_loss_that_is_no_size_does_not_set_one(name):
    first = combine(name, ROWS, [0.0, -1.0])
    assert np.all(np.isfinite(first.weights))
    assert np.all(np.asarray(first.weights) <= 1)


def test_normalized_keeps_the_losses_that_it_is_given_or_the_first_ones():
    given = get("normalized", constant_losses=(2.0, 0.5))
    state = None
    for losses in ([4.0, 4.0], [1.0, 9.0]):
        result = combine(given, ROWS, losses, state)
        state = result.state
        np.testing.assert_allclose(result.weights, [0.5, 2.0])
    first = combine("normalized", ROWS, [4.0, 0.0])
    second = combine("normalized", ROWS, [1.0, 0.5], first.state)
    third = combine("normalized", ROWS, [9.0, 8.0], second.state)
    np.testing.assert_allclose(third.weights, [0.25, 2.0])


@pytest.mark.parametrize("numbers", [(0.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0), ("a", 1.0)])
def test_numbers_that_divide_nothing_are_refused(numbers):
    with pytest.raises(ValueError, match="constant_losses"):
        get("normalized", constant_losses=numbers)


def test_as_many_numbers_as_losses():
    with pytest.raises(ValueError, match="constant_losses"):
        combine(get("normalized", constant_losses=(1.0, 2.0, 3.0)), ROWS, [1.0, 1.0])
