"""Loss-level and gradient-level methods against the golden sequences.

A sequence counts where its own deviation from a second computation is below the tolerance, or
where it has none: then its formula is the definition, and independent of the code here.
"""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from lossbench.strategies import combine, get
from lossbench.strategies.core.state import initial_state

TOLERANCE = 1e-9


def sequences(goldens, method):
    found = [sequence for sequence in goldens["sequences"] if sequence["method"] == method]
    assert found
    return found


def weights_of(strategy, losses, state=None, noise=None):
    """Weights and value of a loss strategy, and its next state."""
    strategy = get(strategy) if isinstance(strategy, str) else strategy
    gradients = np.eye(len(losses))
    if state is None:
        state = initial_state(strategy, len(losses), len(losses), tf.float64)
    made = combine(strategy, gradients, losses, state, noise)
    extra = {} if noise is None else {"noise": tf.cast(noise, tf.float64)}
    value, _ = strategy.objective(tf.constant(losses, tf.float64), state, **extra)
    return made.weights.numpy(), value.numpy(), made.state


def close(value, truth, tolerance=TOLERANCE):
    np.testing.assert_allclose(value, truth, rtol=tolerance, atol=tolerance * np.max(np.abs(truth)))


@pytest.mark.parametrize(
    ("method", "name"), [("GLS", "gls"), ("SI", "si"), ("MaxLoss", "max"), ("UW_SO", "uw_so")]
)
def test_stateless(goldens, method, name):
    for sequence in sequences(goldens, method):
        given = {"temperature": sequence["params"]["T"]} if "T" in sequence["params"] else {}
        for step in sequence["steps"]:
            weights, value, _ = weights_of(get(name, **given), step["losses"])
            close(weights, step["weights"])
            if "value" in step:
                close(value, step["value"])


def test_stch(goldens):
    for sequence in sequences(goldens, "STCH"):
        for step in sequence["steps"]:
            strategy = get(
                "stch",
                mu=sequence["params"]["mu"],
                preference=tuple(step["preference"]),
                ideal=tuple(step["reference"]),
            )
            weights, value, _ = weights_of(strategy, step["losses"])
            close(weights, step["weights"])
            close(value, step["value"])


def test_stch_is_the_log_sum_exp_of_the_losses(goldens):
    for sequence in sequences(goldens, "LogSumExp"):
        for step in sequence["steps"]:
            ones = (1.0,) * len(step["losses"])
            strategy = get("stch", mu=sequence["params"]["T"], preference=ones)
            weights, value, _ = weights_of(strategy, step["losses"])
            close(weights, step["weights"])
            close(value, step["value"])


def test_uw(goldens):
    for step in sequences(goldens, "UW")[0]["steps"]:
        state = tf.constant(step["log_var"], tf.float64)
        weights, value, after = weights_of("uw", step["losses"], state)
        close(weights, step["weights"])
        close(value, step["value"])
        moved = (state - after).numpy() / get("uw").learning_rate
        close(moved, np.clip(step["grad_log_var"], -1, 1))


def test_uw_learns_by_plain_descent(goldens):
    sequence = sequences(goldens, "UW_sgd")[0]
    strategy, state = get("uw", learning_rate=sequence["params"]["lr"], log_variance=0.0), None
    for step in sequence["steps"]:
        weights, _, state = weights_of(strategy, step["losses"], state)
        close(weights, step["weights"])
        close(state.numpy(), step["log_var_after"])


def test_uw_revised(goldens):
    for step in sequences(goldens, "UW_revised")[0]["steps"]:
        sigma = np.asarray(step["sigma"])
        state = tf.constant(2 * np.log(sigma))
        weights, value, after = weights_of("uw_revised", step["losses"], state)
        close(weights, step["weights"])
        close(value, step["value"])
        # The golden gradient is by sigma, the strategy's by log sigma^2.
        moved = (state - after).numpy() / get("uw_revised").learning_rate
        close(moved, np.clip(np.asarray(step["grad_sigma"]) * sigma / 2, -1, 1))


def test_imtl_l(goldens):
    for step in sequences(goldens, "IMTLL")[0]["steps"]:
        state = tf.constant(step["log_scale"], tf.float64)
        weights, value, after = weights_of("imtl_l", step["losses"], state)
        close(weights, step["weights"])
        close(value, step["value"])
        moved = (state - after).numpy() / get("imtl_l").learning_rate
        close(moved, np.clip(step["grad_log_scale"], -1, 1))


def test_dwa(goldens):
    for sequence in sequences(goldens, "DWA"):
        window = len(sequence["steps"][0]["batch_losses"])
        strategy = get("dwa", temperature=sequence["params"]["temperature"], window=window)
        state = None
        for epoch in sequence["steps"]:
            for losses in epoch["batch_losses"]:
                weights, _, state = weights_of(strategy, losses, state)
                close(weights, epoch["weights"])


def test_famo(goldens):
    for sequence in sequences(goldens, "FAMO"):
        strategy = get(
            "famo",
            learning_rate=sequence["params"]["lr"],
            weight_decay=sequence["params"]["weight_decay"],
        )
        state = None
        for step in sequence["steps"]:
            weights, value, state = weights_of(strategy, step["losses_before"], state)
            before, after = (
                tf.constant(step[key], tf.float64) for key in ("losses_before", "losses_after")
            )
            state = strategy.after_update(before, after, state)
            close(weights, step["weights"])
            close(value, step["value"])
            close(state["w"].numpy(), step["logits_after"])


def test_relobralo(goldens):
    for sequence in sequences(goldens, "ReLoBRaLo"):
        params = sequence["params"]
        strategy = get(
            "relobralo", alpha=params["alpha"], temperature=params["tau"], expected_rho=0.5
        )
        state = None
        for step in sequence["steps"]:
            draw = 0.25 if step["rho"] else 0.75
            weights, _, state = weights_of(strategy, step["losses"], state, noise=draw)
            close(weights, step["weights"])


@pytest.mark.parametrize("variant", ["original", "normalized", "loss_weighted"])
def test_softadapt(goldens, variant):
    sequence = sequences(goldens, f"SoftAdapt_{variant}")[0]
    params = sequence["params"]
    strategy = get("softadapt", beta=params["beta"], variant=variant, epsilon=params["eps"])
    for step in sequence["steps"]:
        last, now = step["loss_history"]
        _, _, state = weights_of(strategy, last)
        weights, _, _ = weights_of(strategy, now, state)
        close(weights, step["weights"], max(TOLERANCE, sequence["dev"]))


def test_cov(goldens):
    for sequence in sequences(goldens, "CoV"):
        params = sequence["params"]
        decay = params["mean_decay"] if params["mean_sort"] == "decay" else None
        state = None
        for step in sequence["steps"]:
            weights, _, state = weights_of(get("cov", decay=decay), step["losses"], state)
            close(weights, step["weights"])


@pytest.mark.parametrize("statistic", ["max_over_mean", "mean_over_mean"])
def test_lr_annealing(goldens, statistic):
    sequence = sequences(goldens, f"LRAnnealing_{statistic}")[0]
    params = sequence["params"]
    strategy = get(
        "lr_annealing", alpha=params["alpha"], statistic=statistic, epsilon=params["eps"]
    )
    state = None
    for step in sequence["steps"]:
        made = combine(strategy, np.asarray(step["J"]), state=state)
        state = made.state
        # In PhysicsNeMo the reference's own weight drifts by its epsilon; here it stays 1.
        close(made.weights.numpy()[1:], step["weights"][1:])
        close(made.weights.numpy()[0], step["weights"][0], 1e-8)


def test_db_mtl(goldens):
    for sequence in sequences(goldens, "DB_MTL"):
        params = sequence["params"]
        strategy = get(
            "db_mtl", beta=params["beta"], sigma=params["beta_sigma"], epsilon=params["eps"]
        )
        state = None
        for step in sequence["steps"]:
            losses = np.linspace(0.5, 2, 3)
            # The golden rows are gradients of log(l + eps) already.
            gradients = np.asarray(step["J_of_log_losses"]) * (losses + params["eps"])[:, None]
            made = combine(strategy, gradients, losses, state)
            state = made.state
            close(made.direction.numpy(), step["expected"])


def test_clipped_per_loss(goldens):
    sequence = sequences(goldens, "PerTaskClipSum")[0]
    strategy = get("clipped_per_loss", max_norm=sequence["params"]["clip_norm"])
    for step in sequence["steps"]:
        made = combine(strategy, np.asarray(step["J"]))
        close(made.weights.numpy(), step["weights"])
        close(made.direction.numpy(), step["expected"])


def records(goldens, aggregator):
    found = [record for record in goldens["records"] if record["aggregator"] == aggregator]
    assert found
    for record in found:
        yield record, np.asarray(goldens["jacobians"][record["case"]]["J"])


@pytest.mark.parametrize(("aggregator", "name"), [("Sum", "sum"), ("Mean", "mean")])
def test_linear(goldens, aggregator, name):
    for record, gradients in records(goldens, aggregator):
        close(combine(name, gradients).direction.numpy(), record["expected"])


def test_graddrop_with_the_listed_draws(goldens):
    for record, gradients in records(goldens, "GradDrop"):
        strategy = get("graddrop", leak=record["params"]["leak"])
        made = combine(strategy, gradients, noise=record["params"]["U"])
        close(made.direction.numpy(), record["expected"])


def test_graddrop_has_the_listed_expectation(goldens):
    record, gradients = next(records(goldens, "GradDrop_mean"))
    draws = tf.constant(np.random.default_rng(0).random((20_000, gradients.shape[1])))
    many = tf.vectorized_map(lambda u: combine("graddrop", gradients, noise=u).direction, draws)
    error = many.numpy().std(axis=0) / np.sqrt(len(draws)) + 1e-12
    assert np.all(np.abs(many.numpy().mean(axis=0) - record["expected"]) < 5 * error)


def test_rlw_is_even_on_average_and_sums_to_one():
    draws = tf.constant(np.random.default_rng(0).normal(size=(20_000, 3)))
    weights = tf.vectorized_map(
        lambda z: combine("rlw", tf.eye(3, dtype=tf.float64), noise=z).weights, draws
    ).numpy()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-12)
    error = weights.std(axis=0) / np.sqrt(len(draws))
    assert np.all(np.abs(weights.mean(axis=0) - 1 / 3) < 5 * error)
