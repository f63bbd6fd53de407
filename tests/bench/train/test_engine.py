"""The engine: all seeds at once are as one by one, compiled as not, and one that fails is alone."""

import numpy as np
import pytest
import small
import tensorflow as tf

from lossbench import strategies
from lossbench.bench.plan import search
from lossbench.bench.train import divergence
from lossbench.bench.train.engine import Engine
from lossbench.bench.train.step import Step
from lossbench.strategies.core.state import initial_state

CLOSE = {"rtol": 2e-4, "atol": 2e-5}  # rounding of float32 over a few steps


def assert_same(first, second):
    for a, b in zip(tf.nest.flatten(first), tf.nest.flatten(second), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), **CLOSE)


def one_of_each_kind():
    """By what it asks of the engine; that each is alike over seeds, the conformance suite says."""
    found = {}
    for name in strategies.names():
        strategy = strategies.get(name)
        state = tf.nest.flatten(initial_state(strategy, 2, 6, tf.float32))
        kind = (
            *(strategy.asks, strategy.literal, strategy.observes_update, strategy.masks_outputs),
            *(strategy.noise(2, 6) is None, bool(state), hasattr(strategy, "inner")),
        )
        found.setdefault(kind, name)
    return list(found.values())


@pytest.mark.parametrize("name", one_of_each_kind())
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
    assert carry.divergence.alive.numpy().tolist() == [True, False, True]
    assert carry.divergence.bad_step.numpy().tolist() == [-1, 0, -1]
    assert carry.divergence.reason.numpy()[1] == divergence.LOSS
    for fine, value, start in zip(healthy.trainable, carry.trainable, broken[1], strict=True):
        np.testing.assert_array_equal(fine[0], value[0])
        np.testing.assert_array_equal(fine[2], value[2])
        np.testing.assert_array_equal(value[1], start)


def test_a_gradient_that_is_not_finite_is_no_update():
    class Infinite(strategies.LossStrategy):
        def objective(self, losses, state):
            return tf.reduce_sum(losses) * 1e38 * 1e10, state

    _, carry, _ = small.train(Infinite(), weights=small.initial_weights(1))
    assert carry.divergence.reason.numpy()[0] == divergence.GRADIENT
    for value, start in zip(carry.trainable, small.initial_weights(1)[0], strict=True):
        np.testing.assert_array_equal(value[0], start)


def test_what_wraps_the_loop_is_called_in_its_place():
    calls = []

    def wrap(loop):
        def called(*arguments):
            calls.append(arguments)
            return loop(*arguments)

        return called

    step = Step(small.network(), strategies.get("sum"))
    engine = Engine(step, small.arrays(), steps=2, chunk=2, xla=False, wrap=wrap)
    carry = engine.initial(small.initial_weights(1), [[]])
    batches = np.zeros((2, 1, small.BATCH), np.int32)
    after, _ = engine.run(carry, batches, None, np.array([0.05]), 0)
    (arguments,) = calls
    assert_same(arguments[0], carry)
    assert int(after.slots.count[0]) == 2


# Each way in which a hyperparameter acts: on a loss, its weight, a state, the Gram matrix, the
# gradients, the finished update. That every strategy takes tensors is tested with its directions.
@pytest.mark.parametrize("name", ["weighted", "uw", "gradnorm", "cagrad", "db_mtl", "clipped"])
def test_hyperparameters_of_runs_together_are_as_in_runs_of_their_own(name):
    """One trace for all trials gives what each of them gives as constants."""
    strategy, weights = strategies.get(name), small.initial_weights(2)
    default = search.Trial(0.05, search.searched(strategy, (), 2))
    tried = search.trials(3, default, (0.01, 0.1), strategy.search_space)[1:]
    _, together, record = small.train(strategy, weights=weights, configurations=tried)
    for run, trial in enumerate(tried):
        own, rate = strategies.get(name, **trial.hyperparameters), trial.learning_rate
        _, alone, of_own = small.train(own, weights=weights, rate=rate, only=run)
        for ours, theirs in zip(together.trainable, alone.trainable, strict=True):
            np.testing.assert_allclose(ours[run], theirs[0], rtol=2e-4, atol=2e-5)
        np.testing.assert_allclose(record.losses[:, run], of_own.losses[:, 0], rtol=2e-4, atol=2e-5)
