"""Inner products of gradients, in the form that is fast on a CPU."""

from __future__ import annotations

import tensorflow as tf

from .reductions import total

PAIRS = 3  # up to so many gradients, the products of pairs are cheaper than one of matrices
PIECE = 4 << 20  # numbers in a matrix that is multiplied at once


def sum_of_squares(gradient: tf.Tensor) -> tf.Tensor:
    """Squared norm of one variable's gradient."""
    return total(tf.square(gradient))


def gram_matrix(rows: list[list[tf.Tensor]]) -> tf.Tensor:
    """Inner products (K, K) of K gradients, each a list of one tensor per variable.

    Few gradients pair by pair: at K = 2 that is a tenth of the whole step cheaper, at K = 4 none.
    `python tests/benchmarks/backward_ways.py` measures it again.
    """
    return by_pairs(rows) if len(rows) <= PAIRS else by_products(rows)


def by_pairs(rows: list[list[tf.Tensor]]) -> tf.Tensor:
    """The Gram matrix from the products of each pair, summed element by element."""
    index = range(len(rows))
    inner = {
        (i, j): tf.add_n([total(a * b) for a, b in zip(rows[i], rows[j], strict=True)])
        for i in index
        for j in index[i:]
    }
    return tf.stack([tf.stack([inner[min(i, j), max(i, j)] for j in index]) for i in index])


def by_products(rows: list[list[tf.Tensor]], piece: int = PIECE) -> tf.Tensor:
    """The Gram matrix from a product for each variable, or for each piece of a large one.

    That is cheaper than copying all of them into one matrix. XLA on a CPU multiplies a matrix of
    few rows slowly unless they are a multiple of 4: without the padding, the step takes twice as
    long. And it copies the matrix, at every step into memory that it asks of the system anew where
    the copy is larger than 32 MiB: in pieces, a step with 1e7 parameters takes a third less time.
    """
    num_losses = len(rows)
    products = []
    for parts in zip(*rows, strict=True):
        for pieces in zip(*(_pieces(part, piece // num_losses) for part in parts), strict=True):
            matrix = tf.pad(tf.stack(pieces), [[0, -num_losses % 4], [0, 0]])
            products.append(tf.matmul(matrix, matrix, transpose_b=True))
    return tf.add_n(products)[:num_losses, :num_losses]


def _pieces(gradient: tf.Tensor, most: int) -> list[tf.Tensor]:
    """As few vectors of about one length as have at most so many numbers."""
    size = gradient.shape.num_elements()
    count = max(1, -(-size // most))
    flat = tf.reshape(gradient, [-1])
    return tf.split(flat, [size // count + (i < size % count) for i in range(count)])
