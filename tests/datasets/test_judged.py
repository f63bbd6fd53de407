"""By what tuning selects: every task has it, on validation, from chance to perfect."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lossbench.bench.plan import tasks
from lossbench.datasets import Head, Metric, Task
from lossbench.datasets.core.metrics import variance_explained
from lossbench.datasets.core.situations import SITUATIONS


@pytest.mark.parametrize("name", tasks.names())
def test_every_task_can_be_judged_on_validation(name):
    task = tasks.get(name)
    assert task.judged
    for column in task.judged:
        metric = task.metric(column)
        assert metric.fitted_on != "validation"
        assert metric.chance is not None
        assert metric.perfect is not None
        assert metric.share(metric.chance) == 0
        assert metric.share(metric.perfect) == 1
    judged = {column.partition("/")[0] for column in task.judged}
    overall = task.metric(task.judged[0]).overall
    assert overall or judged == {head.name for head in task.heads if head.kind == "task"}


@pytest.mark.parametrize("name", tasks.names())
def test_the_first_metric_of_every_task_head_has_both_ends(name):
    for head in tasks.get(name).heads:
        if head.kind == "task":
            assert head.metrics[0].chance is not None
            assert head.metrics[0].perfect is not None


@pytest.mark.parametrize("name", tasks.names())
def test_tuning_searches_around_the_measured_rate(name):
    task = tasks.get(name)
    low, high = task.searched_rates
    assert 0 < low < task.learning_rate < high
    assert dataclasses.replace(task, learning_rates=(0.1, 0.2)).searched_rates == (0.1, 0.2)


def metric(name, **keywords):
    return Metric(name, lambda outputs, arrays: 0.0, higher_is_better=True, **keywords)


def judged(primary, *heads):
    return Task("", "", "", lambda folder: {}, lambda: None, heads, primary, 1).judged


def loss(outputs, batch):
    return outputs


TWO = (
    Head("a", loss, metrics=(metric("first"), metric("second"), metric("mean", overall=True))),
    Head("b", loss, metrics=(metric("first"),)),
    Head("c", loss, "nuisance", metrics=(metric("first"),)),
    Head("d", loss, "regulariser"),
)


@pytest.mark.parametrize(
    ("primary", "columns"),
    [
        ("a/first", ("a/first", "b/first")),
        ("a/second", ("a/second", "b/first")),
        ("b/first", ("a/first", "b/first")),
        ("a/mean", ("a/mean",)),  # with b/first beside it, b would count more than a
        ("c/first", ("a/first", "b/first")),
    ],
)
def test_the_primary_metric_stands_for_its_head_or_for_all(primary, columns):
    assert judged(primary, *TWO) == columns


def test_a_probe_on_validation_does_not_judge_there():
    probe = metric("probe", fitted_on="validation")
    assert judged("a/probe", Head("a", loss, metrics=(probe, metric("plain")))) == ("a/plain",)
    assert judged("a/probe", Head("a", loss, metrics=(probe,))) == ()


def test_a_share_is_the_way_from_chance_to_perfect():
    error = Metric("mse", lambda o, a: 0.0, higher_is_better=False, chance=2.0, perfect=0.0)
    assert error.share(0.5) == 0.75
    assert error.share(3.0) == -0.5
    assert np.isnan(error.share(float("nan")))


def test_a_share_needs_both_ends():
    with pytest.raises(ValueError, match="metric m has no perfect level: give both"):
        metric("m", chance=0.5).share(1.0)
    with pytest.raises(ValueError, match="metric m has no chance level"):
        metric("m", perfect=1.0).share(1.0)


@pytest.mark.parametrize("perfect", [0.2, 0.5])
def test_ends_that_contradict_the_direction_are_refused(perfect):
    with pytest.raises(ValueError, match="metric m: higher is better, and perfect is"):
        metric("m", chance=0.5, perfect=perfect)


def test_the_mean_explains_no_variance_and_the_truth_all():
    truth = np.random.default_rng(0).normal(size=(50, 3)) * [0, 1, 5]  # one column never varies
    score = variance_explained("o", "t").function
    assert score({"o": np.broadcast_to(truth.mean(0), truth.shape)}, {"t": truth}) == 0
    assert score({"o": truth}, {"t": truth}) == 1
    half = score({"o": truth.mean(0) + (truth - truth.mean(0)) / 2}, {"t": truth})
    assert half == pytest.approx(0.75)


def test_every_situation_has_two_tasks_on_different_data():
    groups = {}
    for name in tasks.names():
        task = tasks.get(name)
        assert task.situation in SITUATIONS, name
        groups.setdefault(task.situation, set()).add(task.dataset)
    varied = tasks.get("two_digits[right*0.01]")
    assert varied.situation == "units"
    groups["units"].add(varied.dataset)
    assert set(groups) == set(SITUATIONS)
    assert all(len(data) > 1 for data in groups.values())


def test_a_situation_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"situation 'unit' is not known \(did you mean units\?\)"):
        dataclasses.replace(tasks.get("units"), situation="unit")
