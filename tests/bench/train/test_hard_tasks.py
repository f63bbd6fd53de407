"""Tasks as users have them are trained: whatever the layers, inputs, labels and weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lossbench import strategies
from lossbench.bench.plan import cell as spec
from lossbench.bench.plan import tasks
from lossbench.bench.train.labelled import counts
from lossbench.bench.train.outcome import Outcome, train

FILE = Path(__file__).with_name("hard_tasks.py")


def outcome(name: str, strategy: str = "sum", **changes) -> Outcome:
    source = f"{FILE}:{name}"
    fixed = {"device": "cpu", "xla": False, "precision": "float32", "heads": "own"}
    fixed |= {"seeds": (0, 1), "vectorised": True}
    cell = spec.resolve(strategy, tasks.get(source), source, **{**fixed, **changes})
    return train(cell, Path(), lambda steps: None)


def scores(found: Outcome, head: str = "b") -> np.ndarray:
    assert {row["status"] for row in found.rows} == {"ok"}, found.rows
    return np.array([row[f"metric/{head}/r2/test"] for row in found.rows])


def test_a_model_that_does_not_vectorise_trains_one_seed_after_the_other_and_says_so():
    first = outcome("recurrent")
    (note,) = first.notes
    assert note.startswith("recurrent: its model can't train several seeds at once")
    assert "unroll=True" in note
    assert scores(first, "a").min() > 0.8
    again = outcome("recurrent", "pcgrad", steps=20)
    assert again.notes == first.notes
    assert outcome("recurrent", steps=20, vectorised=False).notes == (), "as it was asked for"
    alone = outcome("recurrent", seeds=(1,))
    np.testing.assert_allclose(scores(alone), scores(first)[1:], atol=1e-3)


def test_a_strategy_that_fails_is_not_taken_for_a_model_that_does_not_vectorise():
    with pytest.raises(ValueError, match="weights is a sequence of 2 finite numbers"):
        outcome("labelled", "weighted(weights=(1, 2, 3))")


def test_a_model_that_makes_its_weights_when_it_is_called_is_trained():
    found = outcome("subclassed")
    assert scores(found).min() > 0.8
    again = outcome("subclassed", "pcgrad", seeds=(1,), steps=20)
    other = outcome("subclassed", seeds=(1,), steps=20)
    assert again.rows[0]["pairing"] == other.rows[0]["pairing"]
    with pytest.raises(ValueError, match=r"subclassed has no features: .* level='parameters'"):
        outcome("subclassed", "mgda(level='features')")


def test_several_inputs_are_trained():
    assert scores(outcome("several")).min() > 0.8


def test_real_weights_are_trained():
    assert scores(outcome("weighted")).min() > 0.9


@pytest.mark.parametrize("name", ["sum", "pcgrad", "gradnorm", "relobralo"])
def test_a_head_with_few_labels_is_learned_from_the_batches_that_have_one(name):
    found = outcome("few", name, steps=400)
    assert scores(found).min() > 0.9
    losses, weights = found.series["loss/b"], found.series["weight/b"]
    absent = losses.isna() & found.series["loss/a"].notna()
    assert 0.05 < absent.mean() < 0.5, "3 % of the labels, batches of 64"
    assert (weights[absent] == 0).all()
    assert (weights[losses.notna()] > 0).all()


def test_alone_in_its_batch_a_loss_has_the_weight_that_it_has_alone():
    found = outcome("few", "mgda", steps=60).series
    absent = found["loss/b"].isna() & found["loss/a"].notna()
    assert absent.any()
    np.testing.assert_allclose(found["weight/a"][absent], 1.0)


def test_a_metric_that_fails_or_is_not_finite_costs_no_other_figure():
    found = outcome("broken", steps=40)
    for row in found.rows:
        assert row["status"] == "ok"
        assert row["metric/b/r2/test"] > 0
        assert np.isnan(row["metric/a/failing/test"])
        assert np.isnan(row["metric/a/unbounded/validation"])
        assert row["reason"].startswith("no a/failing on validation: KeyError: 'a word'; ")
        assert "no a/unbounded on test: -inf" in row["reason"]


def test_the_numbers_of_losses_in_a_batch_are_known_before_training():
    heads = tasks.get(f"{FILE}:few").combined
    seen = np.array([[1.0], [0.0], [0.0], [0.5]])
    batches = [np.array([[0, 1], [1, 2]])]
    assert counts(heads, {"seen": seen}, batches) == (1, 2)
    assert counts(heads, {"seen": seen}, [np.array([[0, 1], [3, 2]])]) is None
    assert counts(heads, {"seen": np.ones((4, 1))}, batches) is None
    assert counts(tasks.get(f"{FILE}:labelled").combined, {}, batches) is None


@pytest.mark.parametrize("name", strategies.names())
def test_every_strategy_trains_with_few_labels(name):
    found = outcome("few", name, steps=25, seeds=(0,))
    assert {row["status"] for row in found.rows} <= {"ok"}
