"""Edge cases of the methods that weigh by the Gram matrix: defined, documented, tested."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from lossbench.strategies import combine, get, names

GRAM = [name for name in names() if get(name).contract == "gram"]
ROWS = np.array([[1.0, 0.5, -0.2, 0.3], [-0.6, 0.8, 0.1, 0.0], [0.2, -0.3, 0.9, -0.5]])
LOSSES = np.array([1.0, 2.0, 0.5])


def call(name, rows, dtype="float64"):
    strategy = get(name)
    size = len(rows)
    noise = np.linspace(0, 0.9, size * size).reshape(size, size)
    return combine(
        strategy,
        tf.constant(rows, dtype),
        tf.constant(LOSSES[:size], dtype),
        noise=noise if strategy.noise(size, rows.shape[1]) else None,
    )


@pytest.mark.parametrize("name", [name for name in GRAM if name != "clipped_per_loss"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_reaches_every_weight(name, bad):
    rows = ROWS.copy()
    rows[1, 2] = bad
    assert np.all(np.isnan(call(name, rows).weights))


@pytest.mark.parametrize("name", GRAM)
def test_one_loss(name):
    rows = ROWS[:1] * 0.5
    np.testing.assert_allclose(call(name, rows).direction, rows[0], rtol=1e-14)


@pytest.mark.parametrize("name", [name for name in GRAM if get(name).degree is not None])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_scale(name, dtype):
    """combine(s J) = s**p combine(J) for s from 1e-12 to 1e12, p the promised degree."""
    degree = get(name).degree
    base = call(name, ROWS, dtype).direction.numpy().astype(np.float64)
    for scale in (1e-12, 1e-6, 1e6, 1e12):
        made = call(name, ROWS * scale, dtype).direction.numpy() / scale**degree
        tolerance = 1e-12 if dtype == "float64" else 2e-6
        assert np.linalg.norm(made - base) < tolerance * np.linalg.norm(base), scale


@pytest.mark.parametrize("name", GRAM)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_degenerate_rows_give_finite_weights(name, dtype):
    for rows in (
        np.zeros((3, 4)),
        np.concatenate([ROWS[:2], np.zeros((1, 4))]),
        np.stack([ROWS[0], 2.5 * ROWS[0], ROWS[1]]),
        np.stack([ROWS[0], -ROWS[0], ROWS[1]]),
        np.stack([ROWS[0], -3 * ROWS[0]]),
        np.stack([ROWS[0] * 1e-12, ROWS[1] * 1e12, ROWS[2]]),
    ):
        made = call(name, rows, dtype)
        assert np.all(np.isfinite(made.weights)), rows
        assert np.all(np.isfinite(made.direction)), rows


@pytest.mark.parametrize(
    ("name", "size"),
    [(name, 3) for name in GRAM] + [(name, 9) for name in ("mgda", "cagrad", "nash_mtl")],
)
def test_seeds_at_once_and_compiled(name, size):
    """`tf.vectorized_map`, compiled by XLA, gives each seed what it gets alone."""
    strategy = get(name)
    rng = np.random.default_rng(size)
    rows = tf.constant(rng.normal(size=(4, size, size + 2)))
    noise = tf.constant(rng.random((4, size, size)))
    noisy = strategy.noise(size, size + 2) is not None
    losses = tf.constant(rng.uniform(0.5, 2, (4, size)))

    def one(given):
        rows, losses, noise = given
        return combine(strategy, rows, losses, noise=noise if noisy else None).direction

    together = tf.function(
        lambda *given: tf.vectorized_map(one, given), jit_compile=True, autograph=False
    )(rows, losses, noise)
    for seed in range(4):
        alone = one((rows[seed], losses[seed], noise[seed]))
        np.testing.assert_allclose(together[seed], alone, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("mgda(normalization='l3')", "'l3'", "one of none, l2, loss, loss+"),
        ("cagrad(c=-1)", "-1", "at least 0"),
        ("nash_mtl(max_norm=0)", "0", "above 0"),
        ("fairgrad(alpha=0.01)", "0.01", "from 0.2 to 10"),
        ("gradvac(beta=2)", "2", "from 0 to 1"),
        ("aligned_mtl(scale_mode='max')", "'max'", "one of min, median, rmse"),
        ("gradnorm(learning_rate=0)", "0", "above 0"),
        ("gradnorm(form='other')", "'other'", "one of paper, softmax"),
    ],
)
def test_hyperparameters_out_of_range(name, value, expected):
    with pytest.raises(ValueError, match=f"{expected}.*got {value}".replace("+", r"\+")):
        get(name)


def test_mgda_normalizations():
    """The shortest vector in the hull of the normalised gradients, with weights on the raw ones."""
    lengths = np.linalg.norm(ROWS, axis=1)
    for name, scale in (
        ("l2", lengths),
        ("loss", LOSSES),
        ("loss+", lengths * LOSSES),
    ):
        made = combine(get("mgda", normalization=name), ROWS, LOSSES)
        plain = combine("mgda", ROWS / scale[:, None])
        np.testing.assert_allclose(made.direction, plain.direction, rtol=1e-12)
        np.testing.assert_allclose(made.weights * scale, plain.weights, rtol=1e-12)
    broken = combine(get("mgda", normalization="loss"), ROWS, np.array([1.0, 0.0, 1.0]))
    assert np.all(np.isnan(broken.weights))


def test_cagrad_between_mean_and_mgda():
    mean = combine("cagrad(c=0)", ROWS).direction
    np.testing.assert_allclose(mean, ROWS.mean(axis=0), rtol=1e-14)
    far = combine("cagrad(c=1e6)", ROWS).direction.numpy()
    shortest = combine("mgda", ROWS).direction.numpy()
    cosine = far @ shortest / np.linalg.norm(far) / np.linalg.norm(shortest)
    assert cosine > 1 - 1e-9


def test_nash_length():
    assert np.linalg.norm(combine("nash_mtl", ROWS).direction) == pytest.approx(np.sqrt(3))
    clipped = combine("nash_mtl(max_norm=1.0)", ROWS).direction
    assert np.linalg.norm(clipped) == pytest.approx(1)
