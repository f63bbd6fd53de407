"""Gradients of the plain losses at the present weights, against gradients taken by hand."""

import dataclasses

import keras
import numpy as np
import pytest
import small
import tensorflow as tf

from lossbench.bench.train import gradients
from lossbench.bench.train.network import Network
from lossbench.datasets.core.task import Head
from lossbench.strategies import Strategy

INDEX = np.random.default_rng(3).integers(0, small.EXAMPLES, (small.SEEDS, small.BATCH))


def data():
    return {key: tf.constant(value) for key, value in small.arrays().items()}


def stacked(weights):
    return [tf.stack(leaves) for leaves in zip(*weights, strict=True)]


def by_hand(net, weights, variables):
    """Norms (S, K) and the inner products (S, K, K), one seed and loss at a time."""
    grams = []
    for seed, of_seed in enumerate(weights):
        trainable = [tf.constant(w) for w in of_seed]
        batch = {key: tf.constant(v[INDEX[seed]]) for key, v in small.arrays().items()}
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(trainable)
            values = net.losses(Strategy(), trainable, [], batch).values
        rows = []
        for value in values:
            parts = tape.gradient(value, trainable, unconnected_gradients="zero")
            rows.append(np.concatenate([parts[i].numpy().ravel() for i in variables]))
        grams.append(np.stack(rows) @ np.stack(rows).T)
    return np.array(grams)


@pytest.mark.parametrize("vectorised", [True, False])
def test_norms_and_cosines_are_those_of_the_shared_variables(vectorised):
    weights, net = small.initial_weights(), small.network()
    expected = by_hand(net, weights, (0, 1))  # the trunk
    pull = gradients.measure(net, stacked(weights), [], data(), INDEX, vectorised=vectorised)
    norms = np.sqrt(np.diagonal(expected, axis1=1, axis2=2))
    np.testing.assert_allclose(pull.norms, norms, rtol=1e-4)
    cosines = expected[:, 0, 1] / norms.prod(axis=1)
    np.testing.assert_allclose(pull.cosines, cosines[:, None], rtol=1e-3, atol=1e-5)
    assert (cosines < 0).any(), "there is a conflict to see"
    assert pull.seconds > 0
    columns = pull.columns(["a", "b"])
    assert list(columns) == ["grad_norm/a", "grad_norm/b", "cosine/a/b"]
    np.testing.assert_array_equal(columns["cosine/a/b"], pull.cosines[:, 0])


def test_with_one_loss_there_are_norms_of_all_variables_and_no_pairs():
    weights, net = small.initial_weights(), small.lonely()
    expected = by_hand(net, weights, range(len(weights[0])))
    pull = gradients.measure(net, stacked(weights), [], data(), INDEX)
    np.testing.assert_allclose(pull.norms, np.sqrt(expected[:, :, 0]), rtol=1e-4)
    assert pull.cosines.shape == (small.SEEDS, 0)
    assert list(pull.columns(["a"])) == ["grad_norm/a"]


def test_it_is_traced_once_for_all_cells_of_a_network():
    net = Network(small.task(), {key: value[: small.BATCH] for key, value in data().items()})
    for shift in range(3):  # as many cells: other weights, other batches
        weights = stacked([[w + shift for w in seed] for seed in small.initial_weights()])
        gradients.measure(net, weights, [], data(), (INDEX + shift) % small.EXAMPLES)
    assert gradients._gram(net, True).experimental_get_tracing_count() == 1


def test_heads_without_shared_variables_are_measured_on_all():
    def apart() -> keras.Model:
        x = keras.Input((small.FEATURES,))
        return keras.Model(x, {name: keras.layers.Dense(2, name=name)(x) for name in "ab"})

    heads = tuple(Head(name, small.squared(name)) for name in "ab")
    task = dataclasses.replace(small.task(), model=apart, heads=heads, name="apart")
    net = Network(task, {key: value[: small.BATCH] for key, value in data().items()})
    random = np.random.default_rng(0)
    weights = [
        [random.standard_normal(v.shape).astype(np.float32) for v in net.model.trainable_variables]
        for _ in range(small.SEEDS)
    ]
    pull = gradients.measure(net, stacked(weights), [], data(), INDEX)
    assert (pull.norms > 0).all()
    np.testing.assert_allclose(pull.cosines, 0, atol=1e-7)


def test_a_gradient_of_zero_or_without_a_number_has_no_cosine():
    gram = np.array([[[4.0, -2.0], [-2.0, 1.0]], [[4.0, 0.0], [0.0, 0.0]], [[np.nan] * 2] * 2])
    norms, cosines = gradients.split(gram)
    np.testing.assert_allclose(norms, [[2, 1], [2, 0], [np.nan, np.nan]])
    np.testing.assert_allclose(cosines, [[-1], [np.nan], [np.nan]])


def test_pairs_keep_the_order_of_the_heads():
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    _, cosines = gradients.split((rows @ rows.T)[None])
    pull = gradients.Pull(np.ones((1, 3)), cosines, 0.0)
    columns = pull.columns(["z", "a", "m"])
    assert [(k, v[0]) for k, v in columns.items() if k.startswith("cosine")] == [
        ("cosine/z/a", 0.0),
        ("cosine/z/m", -1.0),
        ("cosine/a/m", 0.0),
    ]


@pytest.mark.parametrize(("steps", "losses"), [(1500, 2), (2000, 4), (2000, 40), (60, 2), (10, 1)])
def test_measuring_takes_a_bounded_share_of_the_run(steps, losses):
    count = gradients.moments(steps, losses)
    assert count >= 2, "a start and something to compare it with"
    if count > 2:
        assert count * 0.8 * (1 + losses) <= 1.2 * gradients.SHARE * steps
    assert gradients.moments(steps, losses + 1) <= count


def test_conflict_counts_pairs_and_moments():
    cosines = np.array([[[-0.5, 0.5], [0.2, 0.2]], [[-0.1, np.nan], [0.4, 0.4]]])
    norms = np.array([[[1, 2, 4], [1, 1, 1]], [[1, 10, 2], [0, 1, 1]]], float)
    found = gradients.conflict(norms, cosines)
    np.testing.assert_allclose(found["conflict_rate"], [2 / 3, 0])
    np.testing.assert_allclose(found["mean_cosine"], [-0.1 / 3, 0.3])
    np.testing.assert_allclose(found["norm_ratio"], [7, 1])
    alone = gradients.conflict(np.ones((4, 2, 1)), np.zeros((4, 2, 0)))
    assert all(np.isnan(values).all() for values in alone.values())
