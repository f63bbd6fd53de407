"""Gram strategies on the gradients by the features: another Gram matrix, one backward pass."""

import dataclasses

import keras
import numpy as np
import pytest
import small
import tensorflow as tf

from lossbench import strategies
from lossbench.bench.train.network import Network

CALLS = [
    "mgda(level='features')",
    "pcgrad(level='features')",
    "clipped(of=\"upgrad(level='features')\")",
]


class Fixed(strategies.GramStrategy):
    """Weights that no gradient changes."""

    def weights(self, gram, losses, state):
        return tf.constant([0.3, 2.0]), state


class Diagonal(strategies.GramStrategy):
    """Weights that show the Gram matrix."""

    def weights(self, gram, losses, state):
        return tf.linalg.diag_part(gram), state


@pytest.mark.parametrize("nuisance", [False, True])
@pytest.mark.parametrize("heads", ["own", "weighted"])
@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_with_weights_given_the_level_changes_nothing(nuisance, heads, penalty):
    net = small.network("sgd", nuisance, penalty)
    for level in ("parameters", "features"):
        weights, found, record = small.one_step(Fixed(level=level), net, heads)
        sign = -0.2 if nuisance else 1
        own = (
            {"a": (1, 1), "b": (1, 1)} if heads == "own" else {"a": (0.3, 2), "b": (0.3, 2 * sign)}
        )
        _, expected = small.by_hand(net, weights, {"trunk": (0.3, 2 * sign), **own})
        small.assert_gradients(found, expected)
        np.testing.assert_allclose(record.weights, (0.3, 2))


def test_the_gram_matrix_is_that_of_the_features():
    net = small.network("sgd")
    weights, _, record = small.one_step(Diagonal(level="features"), net)
    kernel, bias, *heads = (tf.constant(w) for w in weights)
    arrays = {key: tf.constant(value[: small.BATCH]) for key, value in small.arrays().items()}
    features = tf.tanh(arrays["x"] @ kernel + bias)
    names = [v.path.split("/")[0] for v in net.model.trainable_variables][2:]
    found = []
    for name in ("a", "b"):
        at = names.index(name)
        with tf.GradientTape() as tape:
            tape.watch(features)
            output = features @ heads[at] + heads[at + 1]
            loss = tf.reduce_mean(tf.square(output - arrays[name]))
        found.append(tf.reduce_sum(tf.square(tape.gradient(loss, features))))
    np.testing.assert_allclose(record.weights, found, rtol=1e-5)


@pytest.mark.parametrize("call", CALLS[::2])
def test_all_seeds_at_once_are_as_one_by_one_and_compiled(call):
    strategy = strategies.get(call)
    _, together, _ = small.train(strategy)
    for other in ({"vectorised": False}, {"xla": True}):
        _, carry, _ = small.train(strategy, **other)
        for ours, theirs in zip(together.trainable, carry.trainable, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-5)


def test_a_wrapper_asks_for_what_is_inside():
    assert strategies.get(CALLS[2]).asks == "features"
    assert strategies.get("mgda").asks == "gram"
    assert strategies.get(CALLS[0]).cost == "1 backward + K of the heads"
    with pytest.raises(ValueError, match="level is one of parameters, features; got 'layers'"):
        strategies.get("mgda", level="layers")


def test_a_model_without_features_is_refused():
    def model():
        x = keras.Input((small.FEATURES,))
        return keras.Model(x, {n: keras.layers.Dense(2, name=n)(x) for n in ("a", "b")})

    apart = dataclasses.replace(small.task(), model=model)
    net = Network(apart, {key: tf.constant(v[: small.BATCH]) for key, v in small.arrays().items()})
    with pytest.raises(ValueError, match="small has no features: no hidden tensor"):
        _ = net.parts
