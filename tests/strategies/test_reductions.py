"""Sums as products: the same value and derivative as plain ones, in every way of tracing."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lossbench.strategies.core.reductions import (
    COLUMNS,
    by_halves,
    masked_mean,
    total,
    total_of_rows,
)

ARRAYS = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=0, max_dims=4, max_side=5), elements=st.floats(-9, 9)
)


@pytest.mark.parametrize("xla", [False, True])
@given(values=ARRAYS)
def test_the_total_and_its_derivative_are_those_of_a_plain_sum(xla, values):
    x = tf.constant(values)
    with by_halves(xla), tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        square = total(x * x)
    assert float(square) == pytest.approx(np.sum(values**2), abs=1e-9)
    np.testing.assert_allclose(tape.gradient(square, x), 2 * values, atol=1e-12)


@pytest.mark.parametrize("shape", [(50, 3, 3), (7, COLUMNS), (3, 5, COLUMNS - 1), (2, 3, 5, 64)])
def test_the_total_of_larger_arrays(shape):
    values = np.random.default_rng(0).normal(size=shape)
    with by_halves(True):
        assert float(total(tf.constant(values))) == pytest.approx(values.sum(), abs=1e-9)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_visible(value):
    values = np.ones((3, 4))
    values[1, 2] = value
    with by_halves(True):
        np.testing.assert_equal(total(tf.constant(values)).numpy(), value)


@pytest.mark.parametrize("xla", [False, True])
def test_many_totals_at_once_in_a_graph(xla):
    values = np.arange(24.0).reshape(2, 3, 4)

    @tf.function(jit_compile=xla)
    def totals(x):
        with by_halves(xla):
            return tf.vectorized_map(total, x)

    np.testing.assert_allclose(totals(tf.constant(values)), values.sum((1, 2)))


def test_a_batch_of_unknown_size():
    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float64)])
    def mean(x):
        with by_halves(True), tf.GradientTape() as tape:
            tape.watch(x)
            value = masked_mean(x, tf.ones((1, 1)))
        return value, tape.gradient(value, x)

    value, gradient = mean(tf.reshape(tf.range(12.0, dtype=tf.float64), (3, 4)))
    assert float(value) == pytest.approx(5.5)
    np.testing.assert_allclose(gradient, np.full((3, 4), 1 / 12))


@pytest.mark.parametrize("size", [1, COLUMNS - 1, COLUMNS, COLUMNS + 1, 7 * COLUMNS + 5])
@pytest.mark.parametrize("xla", [False, True])
def test_the_totals_of_long_rows(size, xla):
    matrix = np.random.default_rng(0).normal(size=(3, size))
    with by_halves(xla):
        np.testing.assert_allclose(total_of_rows(tf.constant(matrix)), matrix.sum(1), rtol=1e-12)
        np.testing.assert_allclose(total(tf.constant(matrix[0])), matrix[0].sum(), rtol=1e-12)
