"""Tuning: the same trials for all, together in one graph, chosen on validation, fresh seeds."""

import json

import pandas as pd
import pytest

from lossbench.bench.cli.main import main
from lossbench.bench.plan import plan, single_task, static_weights, tasks
from lossbench.bench.plan.request import Request


def build(**given):
    return plan.build(Request(**given))


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
        (chosen,) = tried[tried["chosen"]].to_dict("records")
        best = tried.loc[tried["score"].idxmax(), "trial"]
        assert chosen["trial"] in (0, best), "the default stays unless the gain is sure"
        tuned = runs[(runs["label"] == label) & (runs["budget"] == 3)]
        assert tuned["learning_rate"].unique() == pytest.approx(chosen["learning_rate"])
    tuned = [json.loads(v) for v in runs.loc[runs["label"] == "uw", "hp/learning_rate"]]
    assert len(set(tuned)) <= 2
