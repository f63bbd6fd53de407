"""What tuning tries: the same rates for all, the default first, and what a call sets not at all."""

import numpy as np
import pytest

from lossbench.bench.plan import search
from lossbench.strategies import get, names

RATES = (1e-4, 1e-1)


def trials_of(call, count=8, num_losses=3):
    strategy = get(call)
    default = search.Trial(1e-2, search.searched(strategy, (), num_losses))
    return search.trials(count, default, RATES, strategy.search_space)


@pytest.mark.parametrize("name", names())
def test_every_strategy_tries_the_same_rates_and_its_default_first(name):
    tried = trials_of(name)
    assert [t.learning_rate for t in tried] == [t.learning_rate for t in trials_of("sum")]
    assert tried[0].learning_rate == 1e-2
    for trial in tried:
        assert RATES[0] <= trial.learning_rate <= RATES[1]
        for hyperparameter, value in trial.hyperparameters.items():
            space = get(name).search_space[hyperparameter]
            if hyperparameter == "weights":
                assert isinstance(value, tuple)
                assert value[0] == 1, "the scale of all is the learning rate's"
                assert all(space.low <= weight <= space.high for weight in value)
            else:
                assert space.low <= value <= space.high
    get(name, **tried[-1].hyperparameters)  # a strategy takes what its search space offers


def test_fewer_trials_are_the_first_of_more_and_cover_the_range():
    many, few = trials_of("gradnorm", 32), trials_of("gradnorm", 5)
    assert few == many[:5]
    position = np.log(np.divide([t.learning_rate for t in many], RATES[0])) / np.log(1e3)
    assert np.histogram(position, 8, (0, 1))[0].min() >= 3, "Sobol points leave no gap"


def test_a_hundred_losses_are_tuned_at_the_same_rates_as_two():
    def tried(losses):
        default = search.Trial(1e-2, search.searched(get("weighted"), (), losses))
        return search.trials(16, default, RATES, get("weighted").search_space)

    few, many = tried(2), tried(200)
    assert [t.learning_rate for t in few] == [t.learning_rate for t in many]
    weights = np.array([t.hyperparameters["weights"] for t in many])
    assert weights.shape == (16, 200)
    np.testing.assert_array_equal(weights[:, 1], [t.hyperparameters["weights"][1] for t in few])
    positions = np.log(weights[1:, 1:])
    assert positions.std(axis=0).min() > 0, "every weight is searched"
    assert np.abs(np.corrcoef(positions.T) - np.eye(199)).mean() < 0.3, "each by itself"


def test_what_a_call_sets_is_not_tuned():
    given = get("weighted", weights=(1.0, 0.0))
    assert search.searched(given, ("weights",), 2) == {}
    assert search.searched(get("cagrad", c=0.5), (), 2) == {"c": 0.5}
    assert search.searched(get("weighted"), (), 3) == {"weights": (1.0, 1.0, 1.0)}


def test_what_is_unlearned_has_a_weight_that_all_strategies_search_alike():
    for name in names():
        tuned = search.searched(get(name), (), 2, nuisances=1)
        assert ("weights" in tuned) != (search.NUISANCE in tuned), "one or the other, never none"
        assert search.NUISANCE not in search.searched(get(name), (), 2)
    fixed = search.searched(get("weighted", weights=(1.0, 2.0)), ("weights",), 2, nuisances=1)
    assert fixed == {}, "what a call sets is not tuned"


def test_the_best_is_the_highest_and_a_failure_never():
    def best(*means):
        return search.best(np.array(means)[:, None] + np.zeros(search.REPETITIONS))

    assert best(0.1, np.nan, 0.3, 0.3) == 2
    assert best(np.nan, np.nan) == 0
    assert best(-3.0, np.nan) == 0
    assert best(np.nan, 0.1) == 1


def test_the_default_stays_unless_the_gain_exceeds_its_error():
    default = np.array([0.5, 0.6, 0.4])
    sure = default + np.array([0.01, 0.012, 0.011])
    unsure = default + np.array([0.2, -0.1, 0.0])
    assert search.best(np.array([default, unsure])) == 0
    assert search.best(np.array([default, unsure, sure])) == 0, "the best one is what is asked"
    assert search.best(np.array([default, sure])) == 1
    failed = np.array([np.nan, 0.6, 0.4])
    assert search.best(np.array([failed, unsure])) == 1
    assert search.best(np.array([default, failed + 1])) == 0


def test_noise_alone_rarely_moves_the_default_far():
    """Twelve trials that are all alike: the plain best would move it in eleven of twelve."""
    random = np.random.default_rng(0)
    moved = [search.best(random.normal(0, 1, (12, 3))) != 0 for _ in range(300)]
    assert np.mean(moved) < 0.92
    few = [search.best(random.normal(0, 1, (2, 3))) != 0 for _ in range(300)]
    assert np.mean(few) < 0.3


def test_every_second_trial_keeps_the_default_hyperparameters():
    tried = trials_of("cagrad", 9)
    kept = [trial.hyperparameters == tried[0].hyperparameters for trial in tried]
    assert kept == [True, True, False, True, False, True, False, True, False]


def test_each_tuning_has_seeds_and_points_of_its_own():
    assert not set(search.repetitions(0)) & set(search.repetitions(1))
    default = search.Trial(1e-2, {})
    first, second = (search.trials(8, default, RATES, {}, tuning=j) for j in (0, 1))
    assert first[0] == second[0] == default
    assert not {t.learning_rate for t in first[1:]} & {t.learning_rate for t in second[1:]}
