"""Inner products of gradients: every form gives the same matrix."""

import numpy as np
import pytest
import tensorflow as tf

from lossbench.strategies.core.products import by_pairs, by_products, gram_matrix

SHAPES = ((5, 7), (1,), (), (3, 2, 4))


@pytest.mark.parametrize("num_losses", [1, 2, 3, 4, 7])
def test_pairs_products_and_pieces_agree(num_losses):
    random = np.random.default_rng(num_losses)
    rows = [[random.standard_normal(shape) for shape in SHAPES] for _ in range(num_losses)]
    flat = np.array([np.concatenate([part.ravel() for part in row]) for row in rows])
    given = [[tf.constant(part) for part in row] for row in rows]
    small = [by_products(given, piece=num_losses * most) for most in (1, 2, 6, 34)]
    for gram in (gram_matrix(given), by_pairs(given), by_products(given), *small):
        np.testing.assert_allclose(gram, flat @ flat.T, rtol=1e-12, atol=1e-12)


def test_a_large_variable_is_multiplied_in_few_pieces_of_one_length():
    @tf.function(autograph=False)
    def gram(first, second):
        return by_products([[first], [second]], piece=2 * 40)

    shapes = [
        tuple(op.outputs[0].shape)
        for op in gram.get_concrete_function(*[tf.TensorSpec((9, 11))] * 2).graph.get_operations()
        if op.type == "Pack"
    ]
    assert shapes == [(2, 33), (2, 33), (2, 33)]
