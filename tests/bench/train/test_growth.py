"""Which losses have grown out of proportion, and which are meant to rise."""

import numpy as np
import pytest

from lossbench.bench.train.growth import PATIENCE, judge

STEPS = 100


def of(*series, weights=None, free=None, constant=None):
    """The judgement of one run with these losses (T,), and whether a constant was asked for."""
    losses = np.stack([np.broadcast_to(one, STEPS) for one in series], axis=-1)[:, None]
    size = losses.shape[-1]
    given = np.ones_like(losses) if weights is None else np.broadcast_to(weights, losses.shape)
    asked = []

    def reached():
        asked.append(True)
        return np.full(size, np.nan) if constant is None else np.array(constant)

    names = [f"l{k}" for k in range(size)]
    found = judge(losses, given, names, free=free or [False] * size, constant=reached)
    return found, bool(asked)


def steps(*parts):
    """A series of (value, steps); the last one goes on to the end."""
    known = np.concatenate([np.full(count, value) for value, count in parts])
    return np.concatenate([known, np.full(STEPS - len(known), parts[-1][0])])


def test_a_loss_that_stays_above_its_bound_has_diverged_without_a_nan():
    found, _ = of(steps((1.0, 5), (11.0, 1)))
    assert found.diverged[0]
    assert found.bad_step[0] == 5
    assert found.reason[0] == (
        "loss l0 at 11 in the last fifth of the run, beyond 10 times its scale (1)"
    )
    assert not of(steps((1.0, 5), (9.9, 1)))[0].spiked[0]


def test_one_that_comes_back_has_spiked_and_not_diverged():
    found, _ = of(steps((1.0, 5), (11.0, 30), (1.0, 1)))
    assert found.spiked[0]
    assert not found.diverged[0]
    assert found.bad_step[0] == 5
    assert found.reason == [""]
    assert not of(steps((1.0, 5), (11.0, PATIENCE - 1), (1.0, 1)))[0].spiked[0]


def test_a_loss_that_starts_small_may_rise_while_the_objective_falls():
    rising = np.append(np.linspace(0.005, 1.8, 50), np.linspace(1.8, 0.24, 50))
    found, _ = of(np.linspace(8.8, 2.6, STEPS), rising)
    assert not found.spiked[0]
    found, _ = of(np.linspace(8.8, 2.6, STEPS), steps((0.005, 1), (9.0, 1)))
    assert found.diverged[0], "it is all of the objective now, and more than there was"


def test_the_scale_is_at_least_what_a_constant_reaches():
    small = steps((0.0, 1), (2.0, 1))
    assert of(small)[0].diverged[0]
    found, asked = of(small, constant=[0.5])
    assert asked
    assert not found.spiked[0]
    assert not of(steps((1.0, 1)), constant=[0.5])[1], "nobody asks where nothing has grown"


def test_a_loss_that_is_meant_to_rise_is_judged_by_finiteness_alone():
    rising = steps((1.0, 5), (1e6, 1))
    assert not of(1.0, rising, free=[False, True])[0].spiked[0]
    assert of(1.0, rising)[0].diverged[0]


def test_a_loss_with_weight_zero_may_grow():
    grows = steps((1.0, 5), (20.0, 1))
    assert not of(1.0, grows, weights=(1.0, 0.0))[0].spiked[0]
    for weight in (1.0, -1.0, float("nan")):
        found, _ = of(1.0, grows, weights=(1.0, weight))
        assert found.diverged[0]
        assert found.bad_step[0] == 5


@pytest.mark.parametrize("kind", ["weight 0", "absent"])
def test_steps_that_say_nothing_do_not_count_and_do_not_absolve(kind):
    grows, weights = steps((1.0, 5), (20.0, 1)), np.ones((STEPS, 1, 2))
    if kind == "absent":
        grows[1::2] = np.nan
    else:
        weights[1::2, 0, 1] = 0
    found, _ = of(1.0, grows, weights=weights)
    assert found.diverged[0]
    assert found.bad_step[0] == 6


def test_the_start_of_a_loss_is_its_first_value_that_is_there():
    late = steps((np.nan, 10), (5.0, 5), (40.0, 1))
    assert not of(late)[0].spiked[0]
    assert of(steps((np.nan, 10), (0.5, 5), (40.0, 1)))[0].bad_step[0] == 15


def test_growth_is_upward_from_the_size_of_the_loss():
    assert not of(steps((-0.1, 1), (-50.0, 1)))[0].spiked[0], "it has improved"
    assert not of(steps((-1.0, 1), (9.0, 1)))[0].spiked[0]
    assert of(steps((-1.0, 1), (11.0, 1)))[0].diverged[0]
    assert not of(steps((-0.1, 1), (-5.0, 5), (40.0, 1)))[0].spiked[0], "its size has been 5"
    assert not of(steps((0.0, 1), (1e-4, 1)))[0].spiked[0], "a start at 0 is rounding"


def test_a_run_shorter_than_twenty_steps_has_not_diverged():
    losses = np.array([1.0, *[50.0] * 9])[:, None, None]
    found = judge(
        losses, np.ones_like(losses), ["a"], free=[False], constant=lambda: np.array([np.nan])
    )
    assert not found.diverged[0]
