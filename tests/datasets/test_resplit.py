"""Other splits of packaged data: the same examples, dealt anew, groups whole."""

from __future__ import annotations

import numpy as np
import pytest

from lossbench.bench.plan import tasks
from lossbench.datasets import arrays
from lossbench.datasets.core.digits import digits
from lossbench.datasets.core.resplit import Resplit


def rows(part, keys):
    columns = [np.asarray(part[key], np.float64).reshape(len(part[key]), -1) for key in keys]
    return {row.tobytes() for row in np.concatenate(columns, axis=1)}


@pytest.mark.parametrize("name", ["sk_tabular/breast_cancer", "sk_tabular/diabetes", "sk_digits"])
def test_the_same_examples_are_dealt_anew(name, prepared):
    plain = arrays(name, prepared)
    again = Resplit(lambda folder: arrays(name, folder), 1)(prepared)
    other = Resplit(lambda folder: arrays(name, folder), 2)(prepared)
    keys = list(plain["train"])
    for found in (again, other):
        assert set.union(*(rows(part, keys) for part in found.values())) == set.union(
            *(rows(part, keys) for part in plain.values())
        )
        for split, part in found.items():
            size, wanted = (len(x[split][keys[0]]) for x in (found, plain))
            assert abs(size - wanted) <= (0 if "block" not in part else 140)
    assert rows(again["test"], keys) != rows(plain["test"], keys) != rows(other["test"], keys)
    assert rows(again["test"], keys) != rows(other["test"], keys)
    np.testing.assert_array_equal(
        arrays(name, prepared)["test"][keys[0]], plain["test"][keys[0]], "what is asked for later"
    )


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_writer_is_on_one_side(number, prepared):
    found = Resplit(digits, number)(prepared)
    blocks = [set(part["block"].tolist()) for part in found.values()]
    assert sum(map(len, blocks)) == len(set.union(*blocks))
    assert all(len(part["label"]) > 100 for part in found.values())


def test_a_task_on_another_split_has_other_data_and_the_rest_as_it_was(prepared):
    plain, other = tasks.get("units"), tasks.get("units[split=1]")
    assert other.name == "units[split=1]"
    assert other == tasks.get("units[split=1]"), "equal, so that what is cached by task is shared"
    assert (other.heads, other.steps, other.situation) == (plain.heads, plain.steps, "units")
    a, b = plain.data(prepared), other.data(prepared)
    assert {k: v.shape for k, v in a["test"].items()} == {k: v.shape for k, v in b["test"].items()}
    assert not np.array_equal(a["test"]["x"], b["test"]["x"])
    assert abs(b["train"]["x"].mean()) < 1e-6, "standardised on its own training split"


@pytest.mark.parametrize("task", ["valleys", "autoencode_mnist", "photo"])
def test_what_is_not_small_and_packaged_is_refused(task):
    with pytest.raises(ValueError, match="can't be split anew: only tasks on sk_digits, sk_tabu"):
        tasks.get(f"{task}[split=1]")
