"""Every strategy keeps its contract and its promises. No strategy is named here."""

from __future__ import annotations

import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from properties import PROPERTIES
from trials import Trial, deviation, expected, run, start, step, tensors, trials

from lossbench.strategies import combine, get, names
from lossbench.strategies.core.conformance import check

# float32 loses digits where the gradients nearly cancel; float64 bounds the method itself.
TOLERANCES = {"float64": 1e-9, "float32": 2e-4}
# XLA's Jacobi eigenvectors are that good.
EIGENVECTORS = 1e-6
SCALES = (1e-12, 1e-6, 1e6, 1e12)

every_strategy = pytest.mark.parametrize("name", names())


@every_strategy
def test_contract(name):
    for num_losses in (2, 5):
        check(get(name), num_losses)


@every_strategy
def test_one_trace_serves_all_steps_and_equals_eager(name):
    strategy, traces = get(name), []

    def counted(strategy_state, trial):
        traces.append(1)
        return step(strategy, strategy_state, trial)

    function = tf.function(counted, autograph=False)
    made = trials(strategy)
    graph = run(strategy, made, by=lambda _, state, trial: function(state, trial))
    assert len(traces) == 1
    assert deviation(graph, expected(name)) < TOLERANCES["float64"]


@every_strategy
def test_single_precision_is_close_to_double(name):
    assert deviation(expected(name, "float32"), expected(name)) < TOLERANCES["float32"]


@every_strategy
def test_vectorised_over_seeds_equals_one_by_one(name):
    strategy, seeds = get(name), 3
    runs = [trials(strategy, seed=seed) for seed in range(seeds)]

    def one_seed(pair):
        state, given_one = pair
        direction, _, state = step(strategy, state, Trial(**{"noise": None} | given_one))
        return direction, state

    @tf.function(autograph=False)
    def all_seeds(*pair):
        return tf.vectorized_map(one_seed, pair, fallback_to_while_loop=False)

    state = _stack([start(strategy) for _ in range(seeds)])
    directions = []
    for trial in zip(*runs, strict=True):
        direction, state = all_seeds(state, _stack([_present(tensors(each)) for each in trial]))
        directions.append(direction.numpy())
    for seed in range(seeds):
        vectorised = np.stack([direction[seed] for direction in directions])
        assert deviation(vectorised, expected(name, seed=seed)) < TOLERANCES["float64"]


def _stack(nests):
    return tf.nest.map_structure(lambda *leaves: tf.stack(leaves), *nests)


def _present(trial):
    return {key: value for key, value in trial._asdict().items() if value is not None}


@every_strategy
def test_one_loss_is_followed(name):
    strategy = get(name)
    # A method that adds to a running gradient follows the gradient at its first step alone.
    averages = strategy.contract == "gradient" and not strategy.linear
    given_one = trials(strategy, num_losses=1, steps=1 if averages else 2)
    if re.search(r"K = 1[^.]*raises", strategy.__doc__ or ""):
        with pytest.raises(ValueError, match=rf"^{strategy.name}:"):
            run(strategy, given_one)
        return
    for direction, trial in zip(run(strategy, given_one), given_one, strict=True):
        gradient = trial.gradients[0]
        along = direction @ gradient / (gradient @ gradient)
        assert along >= 0
        error = np.linalg.norm(direction - along * gradient)
        assert error <= TOLERANCES["float64"] * np.linalg.norm(direction)


@every_strategy
def test_degree_of_homogeneity(name):
    strategy = get(name)
    if strategy.degree is None:
        pytest.skip("promises no degree")
    given_one = trials(strategy, steps=2)
    direction = expected(name)[:2]
    for scale in SCALES:
        scaled = [trial._replace(gradients=scale * trial.gradients) for trial in given_one]
        truth = scale**strategy.degree * direction
        assert deviation(run(strategy, scaled), truth) < TOLERANCES["float64"], scale


@every_strategy
@pytest.mark.parametrize("precision", TOLERANCES)
def test_finite_at_any_scale(name, precision):
    strategy = get(name)
    for of_gradients, of_losses in ((1e-12, 1.0), (1e12, 1.0), (1.0, 1e-12), (1.0, 1e12)):
        given_some = [
            trial._replace(
                gradients=of_gradients * trial.gradients,
                losses=of_losses * trial.losses,
                after=of_losses * trial.after,
            )
            for trial in trials(strategy, steps=2)
        ]
        directions = run(strategy, given_some, tf.as_dtype(precision))
        assert np.all(np.isfinite(directions)), (of_gradients, of_losses)


@every_strategy
@pytest.mark.parametrize("precision", TOLERANCES)
def test_hyperparameters_may_be_tensors(name, precision):
    """So that tuning traces a step once for many values of them."""
    strategy = get(name)
    if not strategy.search_space:
        pytest.skip("has nothing to tune")
    default = {key: getattr(strategy, key) for key in strategy.search_space}
    traced = {k: tf.constant(v, precision) for k, v in default.items() if v is not None}
    if not traced:
        pytest.skip("what it tunes has no default before the number of losses is known")
    directions = run(get(name, **traced), trials(strategy), tf.as_dtype(precision))
    assert deviation(directions, expected(name, precision)) < TOLERANCES[precision]


@every_strategy
def test_promises_are_known(name):
    unknown = set(get(name).promises) - set(PROPERTIES)
    assert not unknown, f"no property tests {unknown}; there are {sorted(PROPERTIES)}"


@every_strategy
@settings(derandomize=True, max_examples=5, deadline=None, database=None, phases=[Phase.generate])
@given(seed=st.integers(0, 10**6), num_losses=st.integers(2, 5), kind=st.sampled_from(range(3)))
def test_promises(name, seed, num_losses, kind):
    strategy = get(name)
    given_some = [
        trial._replace(gradients=_shaped(trial.gradients, kind))
        for trial in trials(strategy, num_losses, steps=2, seed=seed)
    ]
    for promise in strategy.promises:
        PROPERTIES[promise](strategy, given_some)


def _shaped(gradients, kind):
    """Independent rows as they are, with a common direction, or pairwise in conflict."""
    if kind == 1:
        return 0.5 * gradients + gradients[:1]
    if kind == 2:
        return gradients - 0.9 * np.mean(gradients, axis=0, keepdims=True)
    return gradients


@every_strategy
def test_state_survives_a_round_trip(name):
    strategy = get(name)
    made = trials(strategy)

    def restored(strategy, state, trial):
        saved = [np.asarray(leaf) for leaf in tf.nest.flatten(state)]
        return step(strategy, tf.nest.pack_sequence_as(state, saved), trial)

    assert np.array_equal(run(strategy, made, by=restored), expected(name))


@every_strategy
def test_state_is_passed_not_kept(name):
    strategy = get(name)
    again = [run(strategy, trials(strategy)) for _ in range(2)]
    assert np.array_equal(*again), "a second run from the start differs"


@every_strategy
def test_finite_on_every_kind_of_golden_jacobian(name, goldens):
    strategy = get(name)
    for case, jacobian in goldens["jacobians"].items():
        if jacobian["m"] > 5 or len(jacobian["J"][0]) > 4:
            continue  # wider ones bring nothing new; with m = 5 these depend on each other
        gradients = np.asarray(jacobian["J"])
        wanted = strategy.noise(*gradients.shape)
        noise = None if wanted is None else np.full(wanted.shape, 0.4)
        made = combine(strategy, gradients, np.linspace(0.5, 2, len(gradients)), noise=noise)
        for leaf in tf.nest.flatten((made.direction, made.state)):
            assert np.all(np.isfinite(leaf)), case


@every_strategy
def test_nan_is_not_hidden(name):
    strategy = get(name)
    broken = trials(strategy, steps=1)[0]
    _, weights, _ = step(strategy, start(strategy), tensors(broken))
    if weights is not None and weights[1] == 0 and not strategy.needs_losses:
        return  # it leaves this loss out, whatever its value
    broken.gradients[1, 0] = np.nan
    broken.losses[1] = np.nan
    direction, _, _ = step(strategy, start(strategy), tensors(broken))
    assert not np.all(np.isfinite(direction)), "a NaN came in and none went out"


@every_strategy
def test_zero_gradients_stay_zero(name):
    strategy = get(name)
    trial = tensors(trials(strategy, steps=1)[0])
    trial = trial._replace(gradients=tf.zeros_like(trial.gradients))
    direction, _, _ = step(strategy, start(strategy), trial)
    assert np.all(direction.numpy() == 0)


@every_strategy
def test_what_a_user_reads(name):
    strategy = get(name)
    assert strategy.name == name
    assert strategy.reference, "names its source"
    assert "Example:" in (strategy.__doc__ or ""), "has an example"
    assert strategy.asks in ("loss", "features", "gram", "gradient")
    assert set(strategy.search_space) <= set(strategy.__dataclass_fields__)


# Last, for they wait for the process that compiles.


@every_strategy
@pytest.mark.parametrize("precision", TOLERANCES)
def test_compiled_equals_eager(name, precision, compiled):
    report = compiled.report[f"{name}/{precision}"]
    assert "error" not in report, report["error"]
    strategy = get(name)
    allowed = TOLERANCES[precision]
    if precision == "float64" and _decomposes(strategy):
        allowed = EIGENVECTORS
    directions = compiled.directions[f"{name}/{precision}"]
    assert deviation(directions, expected(name, precision)) < allowed


def _decomposes(strategy):
    trial = tensors(trials(strategy, steps=1)[0])
    graph = (
        tf.function(lambda: step(strategy, start(strategy), trial), autograph=False)
        .get_concrete_function()
        .graph
    )
    return any("SelfAdjointEig" in operation.type for operation in graph.get_operations())


def test_the_module_counter_sees_recompilation(compiled):
    first, second, third = compiled.report["control"]["modules"]
    assert first < second < third


@every_strategy
@pytest.mark.parametrize("precision", TOLERANCES)
def test_compiled_once(name, precision, compiled):
    report = compiled.report[f"{name}/{precision}"]
    assert "error" not in report, report["error"]
    assert report["traces"] == 1
    assert len(set(report["modules"])) == 1, "compiled again at a later step"
