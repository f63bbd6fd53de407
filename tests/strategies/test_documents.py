"""What the source documents' ways of combining losses do, and what they do not."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from trials import run, trials

from lossbench.strategies import combine, get, names

DRAW = np.random.default_rng(0)
ROWS = DRAW.normal(size=(3, 7))
LOSSES = np.array([0.7, 0.4, 1.9])


def direction(strategy, losses=LOSSES, rows=ROWS):
    return combine(strategy, rows, losses).direction.numpy()


def test_mean_is_the_sum_with_a_smaller_step():
    np.testing.assert_allclose(direction("mean"), direction("sum") / 3, rtol=1e-14)


def test_separate_gradients_buy_nothing():
    for weights in (None, (1.0, 0.5, -2.0)):
        separate = get("separate_gradients", weights=weights)
        joint = get("weighted", weights=weights)
        np.testing.assert_allclose(direction(separate), direction(joint), rtol=1e-15)
    assert (separate.cost, joint.cost) == ("K backward", "1 backward")


def test_subtraction_is_keras_loss_weights_of_minus_one():
    np.testing.assert_allclose(
        direction("subtraction"), direction("weighted(weights=(1, -1, -1))"), rtol=1e-15
    )
    weights = combine("subtraction(weights=(2, 0.5, 0.1))", ROWS).weights.numpy()
    np.testing.assert_allclose(weights, [2, -0.5, -0.1])


def test_dividing_by_the_batch_size_is_a_hidden_learning_rate():
    for size in (1, 8, 1024):
        normalized = get("normalized_subtraction", batch_size=size)
        np.testing.assert_allclose(direction(normalized), direction("subtraction") / size)


def test_clipping_the_value_switches_the_gradient_off():
    strategy = get("clipped_subtraction", clip=10.0)
    for losses in ([9.0, 0.0, 0.0], [0.0, 9.0, 0.0]):
        np.testing.assert_array_equal(direction(strategy, losses), direction("subtraction"))
    for losses in ([11.0, 0.0, 0.0], [0.0, 11.0, 0.0], [0.0, 1e9, 0.0]):
        assert np.all(direction(strategy, losses) == 0)


def test_a_loss_at_its_margin_is_left_alone():
    weights = combine("margin_subtraction(margin=1.0)", ROWS, [5.0, 0.9, 1.1]).weights.numpy()
    assert weights.tolist() == [1.0, -1.0, 0.0]


@settings(derandomize=True, max_examples=50, deadline=None, database=None)
@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=5), st.floats(0.1, 10))
def test_subtraction_with_a_margin_is_bounded_below(losses, margin):
    losses = tf.constant(losses, tf.float64)
    bounded, _ = get("margin_subtraction", margin=margin).objective(losses, ())
    assert bounded >= losses[0]
    plain, _ = get("subtraction").objective(losses * [1.0, *[1e6] * (len(losses) - 1)], ())
    assert plain <= losses[0]


def test_margin_subtraction_keeps_training_where_subtraction_runs_away():
    """Two scalar branches on one weight each: squared errors to 1 and to 0."""

    def train(name):
        weights, losses = np.array([0.0, 0.5]), np.zeros(2)
        for _ in range(300):
            losses = (weights - [1.0, 0.0]) ** 2
            gradients = np.diag(2 * (weights - [1.0, 0.0]))
            weights -= 0.05 * combine(name, gradients, losses).direction.numpy()
        return losses

    first, second = train("margin_subtraction(margin=1.0)")
    assert first < 1e-6
    assert 0.99 < second < 1.3
    assert train("subtraction")[1] > 1e6


# Elements (2 rows, 3 outputs); output 1 is irrelevant, one label of output 0 is missing.
ELEMENTS = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
OBSERVED = tf.constant([[1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
RELEVANT = tf.constant([1.0, 0.0, 1.0])


def test_masked_is_the_mean_over_relevant_observed_elements():
    with tf.GradientTape() as tape:
        tape.watch(ELEMENTS)
        value = get("masked").reduce(ELEMENTS, OBSERVED, RELEVANT)
    assert value.numpy() == pytest.approx((1 + 3 + 6) / 3)
    expected = np.array([[1, 0, 1], [0, 0, 1]]) / 3
    np.testing.assert_allclose(tape.gradient(value, ELEMENTS), expected)
    nothing = get("masked").reduce(ELEMENTS, OBSERVED, tf.zeros(3))
    assert nothing.numpy() == 0
    assert get("masked").masks_outputs
    assert not get("sum").masks_outputs


def test_a_mask_drops_whole_losses():
    weights = combine("masked(mask=(1, 0, 1))", ROWS, [1.0, np.nan, 1.0]).weights.numpy()
    assert weights.tolist() == [1.0, 0.0, 1.0]


def test_subset_adds_the_relevant_outputs_on_top():
    everything, inside = (1 + 2 + 3 + 5 + 6) / 5, (1 + 3 + 6) / 3
    for weight in (0.0, 0.8, 1.0):
        value = get("subset", weight=weight).reduce(ELEMENTS, OBSERVED, RELEVANT)
        assert value.numpy() == pytest.approx((1 - weight) * everything + weight * inside)
    weights = combine("subset(losses=(0, 2))", ROWS).weights.numpy()
    np.testing.assert_allclose(weights, [1, 0.2, 1], rtol=1e-12)
    np.testing.assert_array_equal(direction("subset"), direction("sum"))


def test_split_routes_each_group_to_one_loss():
    groups = {"trunk": (0, 1, 2), "first": (0,), "second": (1,), "pair": (1, 2)}
    assert get("split").routes(groups, 3) == {
        "trunk": (0,),
        "first": (0,),
        "second": (1,),
        "pair": (1,),
    }
    assert get("split(shared=2)").routes(groups, 3)["pair"] == (2,)
    assert get("clipped(of='split')").routes(groups, 3) == get("split").routes(groups, 3)
    assert combine("split(shared=1)", ROWS).weights.numpy().tolist() == [0, 1, 0]
    assert get("sum").routes(groups, 3) is None


@pytest.mark.parametrize("name", names())
def test_clipping_shortens_and_never_turns(name):
    made = trials(get(name), steps=2)
    plain = run(get(name), made)
    lengths = np.linalg.norm(plain, axis=1, keepdims=True)
    for max_norm in (float(lengths.min()) / 2, float(lengths.max()) * 2):
        if max_norm == 0:
            continue
        clipped = run(get("clipped", of=name, max_norm=max_norm), made)
        expected = plain * np.minimum(1, max_norm / np.maximum(lengths, 1e-300))
        np.testing.assert_allclose(clipped, expected, rtol=1e-9, atol=1e-12)


def test_clipping_the_sum_does_not_balance_and_clipping_each_loss_does():
    rows = np.array([[100.0, 0.0], [0.0, 1.0]])
    common = combine("clipped(max_norm=1.0)", rows).weights.numpy()
    assert common[0] == common[1]
    each = combine("clipped_per_loss(max_norm=1.0)", rows)
    np.testing.assert_allclose(each.direction, [1, 1])


def test_clipping_takes_a_call_and_an_object_and_nests():
    call = "weighted(weights=(1, 0.5, 0))"
    by_call = direction(get("clipped", of=call))
    np.testing.assert_array_equal(direction(get("clipped", of=get(call))), by_call)
    outer = get("clipped", of=get("clipped", max_norm=2.0), max_norm=0.5)
    assert np.linalg.norm(direction(outer)) == pytest.approx(0.5)
    outer = get("clipped", of=get("clipped", max_norm=0.5), max_norm=2.0)
    assert np.linalg.norm(direction(outer)) == pytest.approx(0.5)


def test_clipping_takes_over_what_the_inner_strategy_is():
    for name in names():
        inner, outer = get(name), get("clipped", of=name)
        for what in ("contract", "asks", "cost", "literal", "masks_outputs", "needs_losses"):
            assert getattr(outer, what) == getattr(inner, what), (name, what)
    rescaled = get("clipped", of="mean(rescale='sum_to_k')", max_norm=1e9)
    np.testing.assert_allclose(direction(rescaled), direction("sum"))
    assert get("clipped(of='mean', rescale='mean_norm')").asks == "gram"
