"""Decompositions of small Gram matrices that keep the small eigenvalues of badly scaled ones."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from .elimination import UNROLLED, solve
from .gram import Unit


def least_norm(scaled: Unit, norms: tf.Tensor, right: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """G^+ b for G = N C N with norms N (the least-squares solution of least length), and the rank.

    With the factor G = L L' of full column rank, G^+ = L (L'L)^-1 (L'L)^-1 L'. The rank is decided
    on the cosines, so that short rows count as much as long ones.

    Args:
        scaled: cosines and tolerance.
        norms: (K,), N; 0 leaves the row out.
        right: (K,), b.
    """
    factor = _factor(scaled, norms)
    columns = tf.sqrt(tf.reduce_sum(factor**2, axis=0))
    empty = columns <= 0
    columns = tf.where(empty, tf.ones_like(columns), columns)
    factor /= columns
    inner = tf.linalg.set_diag(tf.matmul(factor, factor, transpose_a=True), tf.ones_like(columns))
    # G = F S^2 F' with the columns of F of length 1, hence G^+ = F (F'F)^-1 S^-2 (F'F)^-1 F'.
    once = solve(inner, tf.linalg.matvec(factor, right, transpose_a=True)[:, None], 0.0)[:, 0]
    once = tf.where(empty, tf.zeros_like(once), once / columns**2)
    twice = solve(inner, once[:, None], 0.0)[:, 0]
    return tf.linalg.matvec(factor, twice), tf.reduce_sum(tf.cast(~empty, tf.float64))


def _factor(scaled: Unit, norms: tf.Tensor) -> tf.Tensor:
    """L (K, K) with L L' = N C N by Cholesky with diagonal pivoting; dropped columns are 0."""
    size = scaled.cosines.shape[0]
    columns = []
    rest, left = scaled.cosines, tf.ones_like(norms)
    for _ in range(size):
        diagonal = tf.linalg.diag_part(rest) * left
        usable = (diagonal > scaled.tolerance) & (norms > 0)
        key = tf.where(usable, diagonal * norms**2, -1)
        here = tf.one_hot(tf.argmax(key), size, dtype=rest.dtype)
        pivot = tf.reduce_sum(diagonal * here)
        pivot = tf.where(tf.reduce_max(key) > 0, pivot, float("inf"))
        column = tf.linalg.matvec(rest, here) / tf.sqrt(pivot)
        rest -= column[:, None] * column[None, :]
        columns.append(column * norms)
        left *= 1 - here
    return tf.stack(columns, axis=1)


def eigen(matrix: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Eigenvalues and eigenvectors (columns) of a symmetric (K, K) matrix, unsorted.

    For odd K one eigenvalue 0 with a zero column comes on top.

    Jacobi's method, a round of K/2 disjoint rotations at a time. On a Gram matrix it finds small
    eigenvalues to high relative accuracy, which `tf.linalg.eigh` does not on a CPU, and it gives
    the same numbers with and without XLA.
    """
    size = matrix.shape[0]
    if size == 1:
        return matrix[0], tf.ones_like(matrix)
    even = size + size % 2
    values = tf.pad(matrix, [[0, even - size]] * 2)
    vectors = tf.eye(even, dtype=matrix.dtype)
    # Positions (0, 1), (2, 3), ... are rotated; then all move on as in a round-robin tournament.
    order = np.arange(even).reshape(-1, 2)
    top, bottom = order[:, 0], order[:, 1]
    new_top = np.concatenate([top[:1], bottom[:1], top[1:-1]])
    new_bottom = np.concatenate([bottom[1:], top[-1:]])
    shuffle = np.stack([new_top[: even // 2], new_bottom], axis=1).reshape(-1)
    if even == 2:
        shuffle = np.arange(2)
    move = tf.constant(np.eye(even)[:, shuffle], matrix.dtype)

    def turn(count, values, vectors):
        diagonal = tf.linalg.diag_part(values)
        first, second = diagonal[0::2], diagonal[1::2]
        off = tf.linalg.diag_part(values, k=1)[0::2]
        # The smaller rotation that makes `off` 0 (Golub and Van Loan, section 8.5.2).
        none = tf.abs(off) <= 1e-300
        tau = (second - first) / (2 * tf.where(none, tf.ones_like(off), off))
        sign = tf.where(tau >= 0, tf.ones_like(tau), -tf.ones_like(tau))
        tangent = tf.where(none, tf.zeros_like(tau), sign / (tf.abs(tau) + tf.sqrt(1 + tau * tau)))
        cosine = 1 / tf.sqrt(1 + tangent * tangent)
        sine = tangent * cosine
        zero = tf.zeros_like(sine)
        rotation = tf.linalg.diag(_pairs(cosine, cosine))
        rotation += tf.linalg.diag(_pairs(sine, zero)[:-1], k=1)
        rotation -= tf.linalg.diag(_pairs(sine, zero)[:-1], k=-1)
        rotation = _product(rotation, move)
        values = _product(tf.transpose(rotation), _product(values, rotation))
        return count + 1, values, _product(vectors, rotation)

    # Sweeps converge quadratically; two losses need one rotation.
    rounds = 1 if size == 2 else (even - 1) * (6 if size <= 8 else 8)
    _, values, vectors = tf.while_loop(
        lambda count, *_: count < rounds,
        turn,
        (tf.constant(0), values, vectors),
        maximum_iterations=rounds,
    )
    return tf.linalg.diag_part(values), vectors[:size]


def _product(one: tf.Tensor, two: tf.Tensor) -> tf.Tensor:
    """Matrix product; for small matrices as one fused sum, which XLA runs faster than a call."""
    if one.shape[-1] > UNROLLED:
        return tf.matmul(one, two)
    return tf.reduce_sum(one[:, :, None] * two[None, :, :], axis=1)


def _pairs(even: tf.Tensor, odd: tf.Tensor) -> tf.Tensor:
    return tf.reshape(tf.stack([even, odd], axis=1), [-1])
