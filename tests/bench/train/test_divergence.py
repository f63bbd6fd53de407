"""When a seed has diverged: growth, weights of 0, what is not finite, and the reason in words."""

import numpy as np
import tensorflow as tf

from lossbench.bench.train import divergence


def drive(losses, weights=None):
    """The judgement after a series (T, K) of losses, with weights (T, K)."""
    losses = np.asarray(losses, np.float32)
    state = divergence.initial(losses.shape[1], tf.float32)
    for step, row in enumerate(losses):
        given = None if weights is None else tf.constant(weights[step], tf.float32)
        state = divergence.check(
            state, tf.constant(row), tf.constant(1.0), tf.constant(step), given
        )
    return state


def test_growth_is_judged_without_a_nan():
    late = drive([[1.0]] * 5 + [[11.0]] * divergence.PATIENCE)
    assert not late.alive
    assert int(late.bad_step) == 5
    assert int(late.reason) == divergence.GROWN
    back = [[1.0]] * 5 + [[11.0]] * (divergence.PATIENCE - 1) + [[1.0]]
    assert drive(back).alive, "it came back in time"
    assert drive([[1.0], [9.9]] * 30).alive
    assert drive([[-1.0]] + [[-11.0]] * divergence.PATIENCE).alive, "it has improved"


GROWS = [[1.0, 1.0]] * 5 + [[1.0, 20.0]] * 40


def test_a_loss_with_weight_zero_may_grow():
    assert drive(GROWS, [[1.0, 0.0]] * 45).alive
    for weight in (1.0, -1.0, float("nan")):
        state = drive(GROWS, [[1.0, weight]] * 45)
        assert not state.alive
        assert (int(state.bad_step), int(state.culprit)) == (5, 1)


def test_steps_with_weight_zero_do_not_count_and_do_not_absolve():
    turns = [[1.0, float(step % 2)] for step in range(45)]
    state = drive(GROWS, turns)
    assert not state.alive
    assert int(state.bad_step) == 5
    back = [*GROWS[:40], [1.0, 1.0], *GROWS[5:9]]
    assert drive(back, turns).alive, "17 or 18 steps counted, then it came back"


def test_growth_is_upward_from_the_size_of_the_start():
    many = divergence.PATIENCE
    assert drive([[-0.1]] + [[-50.0]] * many).alive, "it has improved"
    assert drive([[-1.0]] + [[9.0]] * many).alive
    assert not drive([[-1.0]] + [[11.0]] * many).alive
    assert drive([[-0.1], [-5.0]] + [[40.0]] * many).alive, "its size has been 5"
    assert not drive([[-0.1], [-5.0]] + [[51.0]] * many).alive
    assert drive([[0.0]] + [[1e-4]] * many).alive, "a start at 0 is no scale"
    assert not drive([[0.0]] + [[1.0]] * many).alive


def test_a_loss_that_is_not_finite_is_bad_whatever_its_weight():
    state = drive([[1.0, 1.0], [1.0, float("nan")]], [[1.0, 0.0]] * 2)
    assert int(state.reason) == divergence.LOSS
    assert int(state.bad_step) == 1


def test_the_reason_names_the_loss_and_its_size():
    words = divergence.explain(divergence.GROWN, 1, 250.0, 2.5, ["digit", "mark"])
    assert words == "loss mark at 250, beyond 10 times its start (2.5) for 20 steps"
    assert divergence.explain(divergence.FINE, -1, 0.0, 0.0, ["digit"]) == ""
