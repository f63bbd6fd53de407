"""Tuning: the same trials for all, together in one graph, chosen on validation, fresh seeds."""

import json

import numpy as np
import pandas as pd
import pytest
import small

from lossbench.bench.cli.main import main
from lossbench.bench.plan import plan, search, single_task, static_weights, tasks
from lossbench.bench.plan.request import Request
from lossbench.strategies import get, names

RATES = (1e-4, 1e-1)


def settings(call, count=8, num_losses=3):
    strategy = get(call)
    default = search.Trial(1e-2, search.knobs(strategy, (), num_losses))
    return search.trials(count, default, RATES, strategy.search_space)


def build(**given):
    return plan.build(Request(**given))


@pytest.mark.parametrize("name", names())
def test_every_strategy_tries_the_same_rates_and_its_default_first(name):
    tried = settings(name)
    assert [t.learning_rate for t in tried] == [t.learning_rate for t in settings("sum")]
    assert tried[0].learning_rate == 1e-2
    for trial in tried:
        assert RATES[0] <= trial.learning_rate <= RATES[1]
        for knob, value in trial.knobs.items():
            space = get(name).search_space[knob]
            if knob == "weights":
                assert value[0] == 1, "the scale of all is the learning rate's"
                assert all(space.low <= weight <= space.high for weight in value)
            else:
                assert space.low <= value <= space.high
    get(name, **tried[-1].knobs)  # a strategy takes what its search space offers


def test_fewer_trials_are_the_first_of_more_and_cover_the_range():
    many, few = settings("gradnorm", 32), settings("gradnorm", 5)
    assert few == many[:5]
    position = np.log(np.divide([t.learning_rate for t in many], RATES[0])) / np.log(1e3)
    assert np.histogram(position, 8, (0, 1))[0].min() >= 3, "Sobol points leave no gap"


def test_what_a_call_sets_is_not_tuned():
    given = get("weighted", weights=(1.0, 0.0))
    assert search.knobs(given, ("weights",), 2) == {}
    assert search.knobs(get("cagrad", c=0.5), (), 2) == {"c": 0.5}
    assert search.knobs(get("weighted"), (), 3) == {"weights": (1.0, 1.0, 1.0)}


def test_the_best_is_the_highest_and_a_failure_never():
    assert search.best([0.1, np.nan, 0.3, 0.3]) == 2
    assert search.best([np.nan, np.nan]) == 0
    assert search.best([-3.0, np.nan]) == 0


# Each way in which a knob acts: on a loss, its weight, a state, the Gram matrix, the gradients,
# the finished update. That every strategy takes tensors is tested with its directions.
@pytest.mark.parametrize("name", ["weighted", "uw", "gradnorm", "cagrad", "db_mtl", "clipped"])
def test_knobs_of_runs_together_are_as_in_runs_of_their_own(name):
    """One trace for all settings gives what each setting gives as constants."""
    strategy, weights = get(name), small.initial_weights(2)
    default = search.Trial(0.05, search.knobs(strategy, (), 2))
    tried = search.trials(3, default, (0.01, 0.1), strategy.search_space)[1:]
    _, together, record = small.train(strategy, weights=weights, settings=tried)
    for run, setting in enumerate(tried):
        own, rate = get(name, **setting.knobs), setting.learning_rate
        _, alone, of_own = small.train(own, weights=weights, rate=rate, only=run)
        for ours, theirs in zip(together.trainable, alone.trainable, strict=True):
            np.testing.assert_allclose(ours[run], theirs[0], rtol=2e-4, atol=2e-5)
        np.testing.assert_allclose(record.losses[:, run], of_own.losses[:, 0], rtol=2e-4, atol=2e-5)


def test_a_plan_tunes_strategies_single_task_and_static_weights_cells():
    made = build(strategies="sum,uw", tasks="autoencode", seeds=3, budget=4)
    count = {
        budget: [cell.label for cell in made.cells if cell.budget == budget] for budget in (0, 4)
    }
    alone = [head["single_task"] for head in single_task.heads(tasks.get("autoencode"))]
    assert sorted(count[0]) == sorted(["sum", "uw", *alone])
    inner = static_weights.labels(tasks.get("autoencode"))[1:-1]
    assert sorted(count[4]) == sorted(["sum", "uw", *alone, *inner])
    assert made.content["budget"] == 4
    assert made.content["static_weights"] == {"autoencode": [alone[0], *inner, alone[1]]}
    judged = {cell.label: cell.judged for cell in made.cells if cell.budget}
    assert judged["sum"] == ("label/accuracy", "pixels/mse")
    assert judged[alone[1]] == ("pixels/mse",), "a single-task cell is tuned by its own head"
    untuned = build(strategies="sum", tasks="autoencode", budget=0)
    assert {cell.budget for cell in untuned.cells} == {0}
    assert len(untuned.cells) == 1 + 2 + 7


def test_only_tasks_with_two_losses_have_a_curve():
    with_curve = {name for name in tasks.names() if static_weights.labels(tasks.get(name))}
    assert {"two_digits", "autoencode", "robust", "moments", "quadratics", "writer"} <= with_curve
    assert not {"units", "photo", "smooth", "subset"} & with_curve
    assert build(strategies="sum", tasks="units", budget=0).content["static_weights"] == {}


def test_a_tuned_run_stands_beside_the_untuned_one(tmp_path):
    out = tmp_path / "out"
    arguments = ["--strategies", "sum,uw", "--tasks", "two_digits", "--seeds", "2", "--steps", "40"]
    arguments += ["--no-single-task", "--no-static-weights", "--no-timing"]
    arguments += ["--jobs", "1", "--tune", "3"]
    assert main(["run", *arguments, "--out", str(out)]) == 0
    runs = pd.read_parquet(out / "runs.parquet")
    assert runs.groupby(["label", "budget"]).size().to_dict() == {
        (label, budget): 2 for label in ("sum", "uw") for budget in (0, 3)
    }
    assert runs.groupby("seed")["pairing"].nunique().eq(1).all(), "tuned and untuned pair by seed"
    trials = pd.read_parquet(out / "trials.parquet")
    assert trials.groupby("label")["trial"].apply(list).to_dict() == {
        "sum": [0, 1, 2],
        "uw": [0, 1, 2],
    }
    for label, tried in trials.groupby("label"):
        best = tried.loc[tried["score"].idxmax()]
        assert tried.loc[tried["chosen"], "trial"].tolist() == [best["trial"]]
        tuned = runs[(runs["label"] == label) & (runs["budget"] == 3)]
        assert tuned["learning_rate"].unique() == pytest.approx(best["learning_rate"])
    knob = [json.loads(v) for v in runs.loc[runs["label"] == "uw", "hp/learning_rate"]]
    assert len(set(knob)) <= 2
