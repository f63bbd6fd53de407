"""When a run can't go on: what is not finite, at which step, and the reason in words."""

import numpy as np
import tensorflow as tf

from lossbench.bench.train import divergence


def drive(losses, norms=None):
    """The judgement after a series (T, K) of losses and (T,) of norms."""
    state = divergence.initial()
    for step, row in enumerate(np.asarray(losses, np.float32)):
        norm = tf.constant(1.0 if norms is None else norms[step])
        state = divergence.check(state, tf.constant(row), norm, tf.constant(step))
    return state


def test_a_loss_that_is_not_finite_stops_the_run_for_good():
    state = drive([[1.0, 1.0], [1.0, float("inf")], [float("nan"), 1.0], [1.0, 1.0]])
    assert not state.alive
    assert (int(state.reason), int(state.bad_step), int(state.culprit)) == (divergence.LOSS, 1, 1)


def test_a_gradient_that_is_not_finite_stops_it_too():
    state = drive([[1.0], [1.0]], [1.0, float("inf")])
    assert (int(state.reason), int(state.bad_step)) == (divergence.GRADIENT, 1)


def test_a_loss_that_grows_goes_on():
    assert drive([[1.0], [1e30], [1.0]]).alive


def test_the_reason_names_the_loss():
    heads = ["digit", "mark"]
    assert divergence.explain(divergence.LOSS, 1, heads) == "loss mark is not finite"
    assert divergence.explain(divergence.GRADIENT, -1, heads) == "the gradient is not finite"
    assert divergence.explain(divergence.FINE, -1, heads) == ""
