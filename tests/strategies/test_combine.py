"""`combine`: one face for all contracts, in the precision given, with errors that teach."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from trials import NUM_PARAMETERS, noise, trials

from lossbench.strategies import combine, get, names

ROWS = np.array([[3.0, 0.0], [0.0, 4.0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", names())
def test_precision_is_kept(name, dtype):
    strategy = get(name)
    trial = trials(strategy, steps=1)[0]
    made = combine(strategy, trial.gradients.astype(dtype), trial.losses, noise=trial.noise)
    floats = [leaf for leaf in tf.nest.flatten(made.state) if leaf.dtype.is_floating]
    for tensor in (made.direction, *([] if made.weights is None else [made.weights]), *floats):
        assert tensor.dtype.as_numpy_dtype == dtype


@pytest.mark.parametrize("name", names())
def test_weights_are_those_of_the_direction(name):
    strategy = get(name)
    trial = trials(strategy, steps=1)[0]
    made = combine(strategy, trial.gradients, trial.losses, noise=trial.noise)
    assert made.direction.shape == (NUM_PARAMETERS,)
    if made.weights is not None:
        np.testing.assert_allclose(
            made.weights.numpy() @ trial.gradients, made.direction, atol=1e-12
        )


def test_losses_given_as_a_list_keep_double_precision():
    weights = combine("si", ROWS, [0.1, 0.3]).weights.numpy()
    np.testing.assert_allclose(weights, [1 / 0.1, 1 / 0.3], rtol=1e-15)


def test_state_passes_from_step_to_step():
    strategy = get("uw", learning_rate=0.1, log_variance=0.0)
    first = combine(strategy, ROWS, [1.5, 0.5])
    second = combine(strategy, ROWS, [1.5, 0.5], first.state)
    np.testing.assert_allclose(first.state, [0.025, -0.025], rtol=1e-6)
    assert second.weights[0] < first.weights[0]
    assert second.weights[1] > first.weights[1]


def test_a_restored_state_may_be_of_another_precision():
    state = combine("uw", ROWS, [1.5, 0.5]).state.numpy().astype(np.float32)
    assert combine("uw", ROWS, [1.5, 0.5], state).state.dtype == tf.float64


@pytest.mark.parametrize("jit", [False, True])
def test_inside_a_function(jit):
    function = tf.function(
        lambda rows: combine("pcgrad(rescale='mean_norm')", rows), jit_compile=jit
    )
    made = function(tf.constant(ROWS))
    assert tf.norm(made.direction).numpy() == pytest.approx(3.5)


@pytest.mark.parametrize("name", names())
def test_rescaling(name):
    trial = trials(get(name), steps=1)[0]
    plain = combine(get(name), trial.gradients, trial.losses, noise=trial.noise)
    if plain.weights is not None:
        summed = combine(
            get(name, rescale="sum_to_k"), trial.gradients, trial.losses, noise=trial.noise
        )
        if get(name).scale(tf.constant(2.0)) is None:
            assert np.abs(summed.weights).sum() == pytest.approx(3)
        assert np.all(np.sign(summed.weights) == np.sign(plain.weights))
    scaled = combine(
        get(name, rescale="mean_norm"), trial.gradients, trial.losses, noise=trial.noise
    )
    lengths = np.linalg.norm(trial.gradients, axis=1)
    if get(name).scale(tf.constant(2.0)) is None:
        assert tf.norm(scaled.direction).numpy() == pytest.approx(lengths.mean())
    cosine = scaled.direction.numpy() @ plain.direction.numpy()
    cosine /= np.linalg.norm(scaled.direction) * np.linalg.norm(plain.direction)
    assert cosine == pytest.approx(1)


def test_noise_is_drawn_when_none_is_given():
    tf.random.set_seed(0)
    one, two = combine("rlw", ROWS).weights, combine("rlw", ROWS).weights
    assert not np.allclose(one, two)
    given = noise(get("rlw"), 2, np.random.default_rng(0))
    again = [combine("rlw", ROWS, noise=given).weights.numpy() for _ in range(2)]
    assert np.array_equal(*again)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"strategy": "sums", "gradients": ROWS}, "no strategy called 'sums' .did you mean sum"),
        ({"strategy": "sum", "gradients": ROWS[0]}, r"\(K, P\) array, one row per loss; got"),
        ({"strategy": "sum", "gradients": ROWS[None]}, r"got shape \(1, 2, 2\)"),
        ({"strategy": "sum", "gradients": ROWS.astype(np.float16)}, "got float16"),
        ({"strategy": "sum", "gradients": ROWS.astype(int)}, "float32 or float64.*got int64"),
        ({"strategy": "sum", "gradients": np.zeros((0, 2))}, "at least one row"),
        ({"strategy": "si", "gradients": ROWS}, r"pass losses of shape \(2,\)"),
        ({"strategy": "si", "gradients": ROWS, "losses": [1.0]}, r"shape \(2,\).*got \(1,\)"),
        ({"strategy": "rlw", "gradients": ROWS, "noise": [1.0]}, r"noise has shape \(2,\)"),
        (
            {"strategy": "uw", "gradients": ROWS, "losses": [1.0, 1.0], "state": np.zeros(3)},
            r"state has the shapes \(2,\) for these gradients; got \(3,\)",
        ),
        (
            {"strategy": "uw", "gradients": ROWS, "losses": [1.0, 1.0], "state": {"s": 1.0}},
            "state has the structure",
        ),
        (
            {"strategy": "weighted(weights=(1, 2, 3))", "gradients": ROWS},
            "weights is a sequence of 2 finite numbers, one per loss",
        ),
        ({"strategy": "split(shared=2)", "gradients": ROWS}, "index below 2"),
        ({"strategy": "subset(losses=(0, 5))", "gradients": ROWS}, "indices below 2"),
        ({"strategy": "stch(ideal=(0,))", "gradients": ROWS, "losses": [1.0, 1.0]}, "ideal is"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        combine(**arguments)


@pytest.mark.parametrize(
    "call",
    [
        "masked(mask=(1, 0))",
        "weighted(weights=(1, 0))",
        "split(shared=0)",
        "subset(weight=1.0, losses=(0,))",
        "separate_gradients(weights=(1, 0))",
        "clipped(of='masked(mask=(1, 0))', max_norm=9.0)",
    ],
)
def test_a_loss_that_is_dropped_may_be_no_number(call):
    broken = [[1.0, 0.0], [float("nan"), float("inf")]]
    made = combine(get(call), broken, losses=[1.0, float("nan")])
    np.testing.assert_array_equal(made.direction, [1.0, 0.0])


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_weights_that_sum_to_k_keep_their_signs(sign):
    weights = (1.0, sign * 2.0, -1.0)
    made = combine(get("weighted", weights=weights, rescale="sum_to_k"), np.eye(3))
    np.testing.assert_allclose(made.weights, np.array(weights) * 3 / 4)
    subtracted = combine(get("subtraction", rescale="sum_to_k"), np.eye(3, dtype=np.float32))
    np.testing.assert_allclose(subtracted.weights, [1.0, -1.0, -1.0], rtol=1e-6)
