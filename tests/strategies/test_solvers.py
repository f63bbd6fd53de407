"""The inner solvers meet their optimality conditions, on gradients of any rank and scale."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from lossbench.strategies import combine, get
from lossbench.strategies.core.balance import balance
from lossbench.strategies.core.elimination import solve
from lossbench.strategies.core.gram import unit
from lossbench.strategies.core.solvers import ENUMERATED, nonnegative, worst_case
from lossbench.strategies.core.spectral import eigen, least_norm

TOLERANCE = 1e-13
SIZES = (2, 3, ENUMERATED, ENUMERATED + 1, 12)  # both sides of the switch, and of unrolled loops
ordinary = settings(
    derandomize=True, max_examples=25, deadline=None, database=None, phases=[Phase.generate]
)


@functools.cache
def graph(solver, *sizes):
    """The solver as a graph, traced once per problem size (`sizes` is the key)."""
    return tf.function(solver, autograph=False)


@st.composite
def jacobians(draw, sizes=SIZES, full_rank=False):
    """(K, P) of known rank, with lengths from 1e-6 to 1e6 and some conflict."""
    size = draw(st.sampled_from(sizes))
    rank = size if full_rank else draw(st.integers(1, size))
    conflict = draw(st.sampled_from((0.0, 0.9, 0.999)))
    spread = draw(st.sampled_from((0.0, 3.0, 6.0)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = rng.normal(size=(size, rank)) @ rng.normal(size=(rank, size + 3))
    rows -= conflict * rows.mean(axis=0)
    if not full_rank and draw(st.booleans()):
        rows[-1] = -rows[0]
    return rows * 10.0 ** rng.uniform(-spread, spread, (size, 1))


def unit_rows(gradients):
    return gradients / np.linalg.norm(gradients, axis=1, keepdims=True)


def cosines(gradients):
    return unit(tf.constant(gradients @ gradients.T)).cosines.numpy()


@given(jacobians())
@ordinary
def test_nonnegative_meets_the_karush_kuhn_tucker_conditions(gradients):
    matrix = cosines(gradients)
    size = len(matrix)
    x = graph(nonnegative, size)(tf.constant(matrix), tf.constant(matrix), TOLERANCE).numpy()
    z = matrix @ x + matrix
    largest = max(1.0, np.max(np.abs(x)))
    assert np.min(x) >= 0
    assert np.min(z) > -1e-9 * largest
    assert np.max(np.abs(x * z)) < 1e-9 * largest**2


@given(jacobians(full_rank=True), st.sampled_from((0.2, 0.5, 1.0, 3.0)))
@ordinary
def test_worst_case_meets_the_karush_kuhn_tucker_conditions(gradients, radius):
    matrix, lengths = cosines(gradients), np.linalg.norm(gradients, axis=1)
    mean = gradients.mean(axis=0) / np.linalg.norm(gradients.mean(axis=0))
    towards, slope = unit_rows(gradients) @ mean, lengths.min() / lengths
    x = graph(worst_case, len(matrix))(
        *(tf.constant(item, tf.float64) for item in (matrix, towards, slope, radius)), TOLERANCE
    ).numpy()
    gains = matrix @ x + towards
    worst = (x @ gains) / (x @ slope)
    # On the sphere, with multipliers >= 0, on the rows alone that gain the least.
    assert np.min(x) >= 0
    assert abs(x @ matrix @ x - radius**2) < 1e-7 * radius**2
    assert np.max(x * (gains - worst * slope)) < 1e-7 * max(1.0, np.max(x))


@given(jacobians(), st.sampled_from((0.2, 0.5, 1.0)))
@ordinary
def test_worst_case_is_not_beaten_by_random_directions(gradients, c):
    made = combine(f"cagrad(c={c})", tf.constant(gradients)).direction.numpy()
    mean = gradients.mean(axis=0)
    rng = np.random.default_rng(0)
    assert np.linalg.norm(made - mean) <= c * np.linalg.norm(mean) * (1 + 1e-6)
    steps = rng.normal(size=(300, len(gradients))) @ unit_rows(gradients)
    steps *= c * np.linalg.norm(mean) / np.linalg.norm(steps, axis=1, keepdims=True)
    others = np.min((mean + steps) @ gradients.T, axis=1)
    size = np.linalg.norm(gradients, axis=1).max() * np.linalg.norm(mean)
    assert np.min(gradients @ made) >= np.max(others) - 1e-9 * size


@given(jacobians())
@ordinary
def test_shortest_vector_of_the_hull(gradients):
    made = combine("mgda", tf.constant(gradients))
    direction, weights = made.direction.numpy(), made.weights.numpy()
    assert np.min(weights) >= 0
    assert abs(np.sum(weights) - 1) < 1e-12
    lengths = np.linalg.norm(gradients, axis=1)
    # <g_i, u> >= |u|^2, each in units of its row and of the longest vector there is to gain.
    gap = gradients @ direction - direction @ direction
    assert np.min(gap / lengths) > -1e-8 * lengths.min()


@given(jacobians(full_rank=True), st.sampled_from((0.5, 1.0, 2.0)))
@ordinary
def test_balance_solves_its_equation(gradients, power):
    matrix = cosines(gradients)
    # Shares over 12 decades would ask for gains below the rounding of C y; these span 4.
    shares = np.linalg.norm(gradients, axis=1) ** ((power - 1) / 3)
    y = graph(balance, len(matrix), power)(
        tf.constant(matrix), tf.constant(shares), power, TOLERANCE, 32
    ).numpy()
    assert np.min(y) > 0
    # Rounding of C y, which sums terms as large as y.
    bound = 1e-7 + 1e-13 * y.sum() * y**power / shares
    assert np.all(np.abs(y**power * (matrix @ y) / shares - 1) < bound)


@pytest.mark.parametrize("name", ["nash_mtl", "fairgrad", "fairgrad(alpha=2.0)"])
def test_no_agreement_is_a_zero_update(name):
    """Opposite gradients: no direction improves both, and no weights are made up."""
    made = combine(name, np.array([[1.0, 2.0, 0.0], [-3.0, -6.0, 0.0], [0.0, 0.0, 1.0]]))
    assert np.array_equal(made.weights, np.zeros(3))


def test_a_zero_row_leaves_the_bargain_to_the_others():
    rows = np.array([[1.0, 2.0], [0.0, 0.0], [2.0, -0.5]])
    made = combine("nash_mtl", rows)
    alone = combine("nash_mtl", rows[[0, 2]])
    np.testing.assert_allclose(made.direction, alone.direction, rtol=1e-14)
    assert made.weights[1] == 0


def test_where_cagrad_is_undefined_it_is_the_nearest_of_all_maximisers():
    """A zero row: no direction helps it, and the mean hurts nobody. The update is the mean."""
    rows = np.array([[1.0, 0.5], [0.0, 0.0], [0.5, 1.0]])
    np.testing.assert_allclose(combine("cagrad", rows).direction, rows.mean(axis=0), rtol=1e-14)


@given(jacobians())
@ordinary
def test_elimination_solves_consistent_singular_systems(gradients):
    matrix = cosines(gradients)
    assume(_rank_is_clear(matrix))
    right = matrix @ np.random.default_rng(0).normal(size=(len(matrix), 2))
    x = graph(solve, len(matrix))(tf.constant(matrix), tf.constant(right), TOLERANCE)
    assert np.max(np.abs(matrix @ x.numpy() - right)) < 1e-8


def test_elimination_drops_dependent_rows():
    matrix = tf.constant([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]], tf.float64)
    x = solve(matrix, tf.constant([[2.0], [2.0], [3.0]], tf.float64), TOLERANCE)
    assert x.numpy().tolist() == [[2.0], [0.0], [3.0]]


def _rank_is_clear(matrix):
    """No eigenvalue that could count as 0 or not."""
    values = np.linalg.eigvalsh(matrix)
    return not np.any((values > 1e-14) & (values < 1e-8))


def _least_norm(gram):
    rows = unit(gram)
    return least_norm(rows, tf.ones_like(rows.norms), rows.norms)


@given(jacobians())
@ordinary
def test_least_norm_is_the_pseudo_inverse(gradients):
    gram = tf.constant(gradients @ gradients.T)
    rows = unit(gram)
    matrix = rows.cosines.numpy()
    assume(_rank_is_clear(matrix))
    x, rank = (item.numpy() for item in graph(_least_norm, len(gradients))(gram))
    assert rank == np.linalg.matrix_rank(matrix, tol=1e-11, hermitian=True)
    truth = np.linalg.pinv(matrix, rcond=1e-11, hermitian=True) @ rows.norms.numpy()
    np.testing.assert_allclose(x, truth, atol=1e-6 * np.max(np.abs(truth)))


@given(jacobians(full_rank=True))
@ordinary
def test_eigen_keeps_small_eigenvalues(gradients):
    values, vectors = (item.numpy() for item in graph(eigen, len(gradients))(
        tf.constant(gradients @ gradients.T)
    ))  # fmt: skip
    values = np.sort(values)[-len(gradients) :]
    truth = np.sort(np.linalg.svd(gradients, compute_uv=False)) ** 2
    # Of the singular values, numpy's own small ones are good to 1e-16 of the largest.
    reliable = truth > 1e-16 * truth[-1]
    np.testing.assert_allclose(values[reliable], truth[reliable], rtol=1e-5)
    identity = vectors @ vectors.T
    np.testing.assert_allclose(identity, np.eye(len(gradients)), atol=1e-12)


@pytest.mark.parametrize(("size", "jit_compile"), [(7, False), (40, False), (40, True)])
def test_many_losses(size, jit_compile):
    """Enumeration of 2**40 supports is out of reach; the path is not."""
    rng = np.random.default_rng(size)
    shapes = [(size + 5, "float64"), (size // 2, "float64"), (size + 5, "float32")]
    for width, dtype in shapes[:1] if jit_compile else shapes:
        gradients = rng.normal(size=(size, width))
        gradients -= 0.99 * gradients.mean(axis=0)
        units = unit_rows(gradients)
        # With fewer parameters than losses these conflict so much that the answer is 0.
        noise = (1e-9 if dtype == "float64" else 1e-5) * np.linalg.norm(gradients, axis=1).max()
        for name in ("upgrad", "cagrad(c=1.5)"):
            made = _compiled(name, jit_compile)(tf.constant(gradients, dtype)).numpy()
            assert np.min(units @ made) > -noise, name
        shortest = _compiled("mgda", jit_compile)(tf.constant(gradients, dtype)).numpy()
        assert np.min(gradients @ shortest) >= shortest @ shortest - noise


@functools.cache
def _compiled(strategy, jit_compile):
    made = get(strategy)
    return tf.function(
        lambda gradients: combine(made, gradients).direction,
        autograph=False,
        jit_compile=jit_compile,
    )


def test_a_path_that_is_cut_short_is_no_answer(monkeypatch):
    monkeypatch.setattr("lossbench.strategies.core.path.PIVOTS_PER_LOSS", 0)
    rows = np.random.default_rng(0).normal(size=(ENUMERATED + 1, 20))
    rows -= 0.9 * rows.mean(axis=0)
    for name in ("mgda", "upgrad", "cagrad"):
        assert np.all(np.isnan(combine(name, rows).weights)), name
