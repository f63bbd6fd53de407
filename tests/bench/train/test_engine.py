"""The engine: all seeds at once are as one by one, compiled as not, and one that fails is alone."""

import keras
import numpy as np
import pytest
import small
import tensorflow as tf

from lossbench import strategies
from lossbench.bench.train import divergence
from lossbench.bench.train.optimizers import SGD, Adam

CLOSE = {"rtol": 2e-4, "atol": 2e-5}  # rounding of float32 over a few steps


def assert_same(first, second):
    for a, b in zip(tf.nest.flatten(first), tf.nest.flatten(second), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), **CLOSE)


@pytest.mark.parametrize("name", strategies.names())
def test_all_seeds_at_once_are_as_one_by_one(name):
    strategy = strategies.get(name)
    together, carry, record = small.train(strategy)
    _, alone_carry, alone_record = small.train(strategy, vectorised=False)
    assert_same(carry.trainable, alone_carry.trainable)
    assert_same(record.losses, alone_record.losses)
    assert_same(record.weights, alone_record.weights)
    assert together.traces == 1, "one trace serves all chunks, the short last one too"


@pytest.mark.parametrize("name", ["sum", "pcgrad", "graddrop", "famo"])
def test_compiled_is_as_not_compiled(name):
    strategy = strategies.get(name)
    _, carry, _ = small.train(strategy)
    engine, compiled, _ = small.train(strategy, xla=True)
    assert_same(carry.trainable, compiled.trainable)
    assert engine.traces == 1


def test_chunks_do_not_change_the_result():
    _, whole, _ = small.train(strategies.get("pcgrad"), chunk=small.STEPS)
    _, parts, _ = small.train(strategies.get("pcgrad"), chunk=1)
    assert_same(whole.trainable, parts.trainable)


def test_a_seed_that_fails_stands_still_and_leaves_the_others_alone():
    weights = small.initial_weights()
    _, healthy, _ = small.train(strategies.get("sum"), weights=weights)
    broken = [list(seed) for seed in weights]
    broken[1][0] = np.full_like(broken[1][0], np.nan)
    _, carry, _ = small.train(strategies.get("sum"), weights=broken)
    assert carry.health.alive.numpy().tolist() == [True, False, True]
    assert carry.health.bad_step.numpy().tolist() == [-1, 0, -1]
    assert carry.health.reason.numpy()[1] == divergence.LOSS
    for fine, value, start in zip(healthy.trainable, carry.trainable, broken[1], strict=True):
        np.testing.assert_array_equal(fine[0], value[0])
        np.testing.assert_array_equal(fine[2], value[2])
        np.testing.assert_array_equal(value[1], start)


def test_a_gradient_that_is_not_finite_is_no_update():
    class Infinite(strategies.LossStrategy):
        def objective(self, losses, state):
            return tf.reduce_sum(losses) * 1e38 * 1e10, state

    _, carry, _ = small.train(Infinite(), weights=small.initial_weights(1))
    assert carry.health.reason.numpy()[0] == divergence.GRADIENT
    for value, start in zip(carry.trainable, small.initial_weights(1)[0], strict=True):
        np.testing.assert_array_equal(value[0], start)


def drive(losses, patience=divergence.PATIENCE):
    """Health after a series of single losses."""
    state = divergence.initial(1, tf.float32)
    for step, loss in enumerate(losses):
        state = divergence.check(state, tf.constant([loss]), tf.constant(1.0), tf.constant(step))
    return state


def test_growth_is_judged_without_a_nan():
    late = drive([1.0] * 5 + [11.0] * divergence.PATIENCE)
    assert not late.alive
    assert int(late.bad_step) == 5
    assert int(late.reason) == divergence.GROWN
    assert drive([1.0] * 5 + [11.0] * (divergence.PATIENCE - 1) + [1.0]).alive, (
        "it came back in time"
    )
    assert drive([1.0, 9.9] * 30).alive
    assert drive([-1.0] + [-11.0] * divergence.PATIENCE).alive, "it has improved"


def test_the_reason_names_the_loss_and_its_size():
    words = divergence.explain(divergence.GROWN, 1, 250.0, 2.5, ["digit", "mark"])
    assert words == "loss mark at 250, beyond 10 times its start (2.5) for 20 steps"
    assert divergence.explain(divergence.FINE, -1, 0.0, 0.0, ["digit"]) == ""


@pytest.mark.parametrize(
    ("ours", "keras_optimizer"),
    [
        (Adam(), lambda: keras.optimizers.Adam(learning_rate=0.03)),
        (SGD(), lambda: keras.optimizers.SGD(learning_rate=0.03, momentum=0.9)),
    ],
)
def test_optimizers_are_keras_optimizers(ours, keras_optimizer):
    random = np.random.default_rng(0)
    start = [random.standard_normal(shape).astype(np.float32) for shape in ((3, 4), (4,))]
    theirs, variables = keras_optimizer(), [keras.Variable(value) for value in start]
    values = [tf.constant(value) for value in start]
    slots = ours.initial(values)
    for _ in range(20):
        gradients = [tf.constant(random.standard_normal(v.shape), tf.float32) for v in start]
        theirs.apply_gradients(zip(gradients, variables, strict=True))
        values, slots = ours.apply(values, gradients, slots, tf.constant(0.03))
    for value, variable in zip(values, variables, strict=True):
        np.testing.assert_allclose(value, variable.numpy(), rtol=2e-6, atol=1e-7)
