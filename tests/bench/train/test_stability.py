"""Numbers of a run's steadiness, on series whose spikes and noise are known."""

import warnings

import numpy as np
import pytest

from lossbench.bench.train import stability

STEPS, SEEDS = 1500, 60
HEALTHY = np.full(SEEDS, -1)


def trend(steps=STEPS):
    return 0.2 + 2 * np.exp(-np.arange(steps) / 200)


def series(noise, seeds=SEEDS, losses=2, random=0, steps=STEPS):
    """(T, S, K): a falling loss times noise from batch to batch."""
    drawn = noise(np.random.default_rng(random), (steps, seeds, losses))
    return trend(steps)[:, None, None] * drawn


def quiet(random, shape):
    return 1 + 0.05 * random.standard_normal(shape)


NOISES = {
    "normal": (lambda r, shape: 1 + 0.1 * r.standard_normal(shape), 0.0),
    "student": (lambda r, shape: 1 + 0.1 * r.standard_t(2, shape), 0.0),
    "lognormal": (lambda r, shape: r.lognormal(0, 0.5, shape), 0.0),
    "heavy lognormal": (lambda r, shape: r.lognormal(0, 1.0, shape), 0.1),
    "pareto": (lambda r, shape: 1 + 0.1 * r.pareto(2.5, shape), 0.1),
}


@pytest.mark.parametrize("name", NOISES)
def test_noise_from_batch_to_batch_is_rarely_a_spike(name):
    noise, most = NOISES[name]
    found = stability.spikes(series(noise))
    assert np.mean(found["spikes"] > 0) <= most
    if most == 0:
        assert np.isnan(found["spike_height"]).all()
        assert np.isnan(found["recovery_steps"]).all()


def test_planted_spikes_are_counted_with_height_and_recovery():
    losses = series(quiet, seeds=4)
    losses[600:620, 0, 0] *= 5  # one loss
    losses[600:620, 1, :] *= 5  # both at once: one spike
    losses[600:610, 2, 0] *= 4
    losses[900:930, 2, 1] *= 8
    losses[700:703, 3, 0] *= 20  # three odd batches
    found = stability.spikes(losses)
    assert found["spikes"].tolist() == [1, 1, 2, 0]
    np.testing.assert_allclose(found["spike_height"][:3], [5, 5, 8], rtol=0.2)
    assert found["recovery_steps"][:3].tolist() == [20, 20, 30]
    assert np.isnan([found["spike_height"][3], found["recovery_steps"][3]]).all()


def test_a_lasting_jump_is_one_spike_that_never_recovers():
    losses = series(quiet, seeds=1)
    losses[600:, 0, 0] += 5
    found = stability.spikes(losses)
    assert found["spikes"].tolist() == [1]
    assert found["recovery_steps"].tolist() == [STEPS - 600]


def test_spikes_do_not_depend_on_scale_or_on_a_shift_below_zero():
    losses = series(quiet, seeds=3)
    losses[600:620, 1] *= 5
    for other in (losses * 1e6, losses * 1e-6, losses - 10):
        found = stability.spikes(other)
        assert found["spikes"].tolist() == [0, 1, 0]
    assert np.isnan(stability.spikes(losses - 10)["spike_height"]).all(), "no ratio below 0"


def test_rounding_of_a_loss_that_stands_still_is_no_spike():
    losses = series(lambda _, shape: np.ones(shape), seeds=1)
    losses[1000:] = 0.2
    losses[1100:1110] += 1e-6
    assert stability.spikes(losses)["spikes"].tolist() == [0]


def test_too_few_steps_have_no_spikes_to_count():
    losses = series(quiet, seeds=2, steps=stability.WINDOW + stability.SUSTAINED - 1)
    assert np.isnan(stability.spikes(losses)["spikes"]).all()
    losses = series(quiet, seeds=2, steps=stability.WINDOW + stability.SUSTAINED)
    assert stability.spikes(losses)["spikes"].tolist() == [0, 0]


def test_late_fluctuation_is_relative_and_free_of_the_trend():
    noise = np.exp(0.1 * np.random.default_rng(0).standard_normal((2000, 3, 2)))
    falling = np.exp(-np.arange(2000) / 300)[:, None, None]
    expected = 0.1 / stability.NORMAL
    np.testing.assert_allclose(stability.late_fluctuation(noise), expected, rtol=0.15)
    for factor in (falling, 1e-6):
        np.testing.assert_allclose(stability.late_fluctuation(factor * noise), expected, rtol=0.15)


def test_late_fluctuation_leaves_out_losses_without_a_logarithm():
    losses = series(quiet, seeds=3)
    alone = stability.late_fluctuation(losses[..., :1])
    losses[-1, 0, 1] = 0.0
    losses[-1, 1, 1] = -1.0
    losses[-1, 2] = -1.0
    found = stability.late_fluctuation(losses)
    np.testing.assert_allclose(found[:2], alone[:2])
    assert np.isnan(found[2])


def test_regret_is_oriented_and_never_below_zero():
    validation = np.array([[0.1, 0.9, 0.2], [0.8, 0.5, np.nan], [0.6, 0.3, np.nan]])
    np.testing.assert_allclose(stability.regret(validation, True), [0.2, 0.6, np.nan])
    np.testing.assert_allclose(stability.regret(validation, False), [0.5, 0.0, np.nan])


def test_spread_of_the_norm():
    norm = np.column_stack([np.full(1000, 3.0), np.r_[np.ones(980), np.full(20, 50.0)]])
    found = stability.norm_spread(norm)
    assert found["norm_cv"][0] == pytest.approx(0)
    assert found["norm_tail"].tolist() == pytest.approx([1.0, 50.0])
    assert found["norm_cv"][1] == pytest.approx(norm[:, 1].std(ddof=1) / norm[:, 1].mean())
    zero = stability.norm_spread(np.zeros((10, 1)))
    assert np.isnan([zero["norm_cv"], zero["norm_tail"]]).all()


def test_a_seed_that_failed_is_judged_before_its_first_bad_step():
    losses = series(quiet, seeds=3)
    losses[400:420, 1] *= 5
    broken = losses.copy()
    broken[800:, 1] = np.nan
    broken[800:, 2] = 1e9  # grown, and standing still since
    norm = losses[..., 0].copy()
    validation = np.tile(np.linspace(0, 1, 10)[:, None], 3)
    bad = np.array([-1, 800, 800])
    found = stability.stability(broken, norm, bad, validation, True)
    assert found["spikes"].tolist() == [0, 1, 0]
    for name in ("late_fluctuation", "regret"):
        assert np.isfinite(found[name]).tolist() == [True, False, False]
    first = stability.norm_spread(norm[:800])
    np.testing.assert_allclose(found["norm_cv"][1:], first["norm_cv"][1:])


def test_a_seed_that_failed_at_once_has_no_numbers():
    losses = np.full((STEPS, 1, 2), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = stability.stability(
            losses, losses[..., 0], np.array([0]), np.full((10, 1), np.nan), True
        )
    assert all(np.isnan(values).all() for values in found.values())
