"""The losses of the best constant predictor, and the strategy that divides by them."""

import dataclasses

import numpy as np
import pytest
import small
import tensorflow as tf

from lossbench.bench.train.constant import constant_losses, divided
from lossbench.bench.train.network import Network
from lossbench.datasets import Head
from lossbench.strategies import get


def test_they_are_the_variances_of_the_targets_that_count():
    network, train = small.network(), small.arrays()
    seen = train["seen"] if network.combined[1].observed else np.ones_like(train["b"])
    mean = np.sum(seen * train["b"], axis=0) / np.sum(seen, axis=0)
    expected = [
        np.mean(np.var(train["a"], axis=0)),
        np.sum(seen * (train["b"] - mean) ** 2) / np.sum(seen),
    ]
    np.testing.assert_allclose(constant_losses(network, train), expected, rtol=1e-4)


@pytest.mark.parametrize("name", ["normalized", "clipped(of='normalized')"])
def test_a_strategy_is_told_them_where_it_leaves_them_open(name):
    network, train = small.network(), small.arrays()
    strategy = divided(get(name), network, train)
    numbers = getattr(strategy, "inner", strategy).constant_losses
    np.testing.assert_allclose(numbers, constant_losses(network, train))
    of_tensors = divided(get(name), network, {k: tf.constant(v) for k, v in train.items()})
    assert of_tensors == strategy


def test_what_is_given_stays():
    given = get("normalized", constant_losses=(2.0, 3.0))
    assert divided(given, small.network(), small.arrays()) is given


def test_a_loss_that_a_constant_brings_to_nothing_is_divided_by_one():
    size = Head("size", lambda outputs, _: tf.square(outputs["a"]))
    task, train = small.task(), small.arrays()
    network = Network(dataclasses.replace(task, heads=(*task.heads, size)), train)
    assert constant_losses(network, train)[2] < 1e-6
    assert divided(get("normalized"), network, train).constant_losses[2] == 1
