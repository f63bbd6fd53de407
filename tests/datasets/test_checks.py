"""A task that cannot work is refused before training, in one line."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from lossbench.datasets import Head, Metric, Task
from lossbench.datasets.core import checks
from lossbench.datasets.core.checks import check
from lossbench.datasets.core.losses import binary_cross_entropy, cross_entropy, squared_error
from lossbench.datasets.core.metrics import accuracy, mean_squared_error


def model():
    x = keras.Input((3,), name="x")
    return keras.Model(
        x,
        {
            "kind": keras.layers.Dense(4, name="kind")(x),
            "size": keras.layers.Dense(2, name="size")(x),
        },
    )


def one_output(inputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(4)])


KIND = Head("kind", cross_entropy("kind", "kind"), metrics=(accuracy("kind", "kind"),))
SIZE = Head("size", squared_error("size", "size"), metrics=(mean_squared_error("size", "size"),))
GOOD = Task(
    summary="Small.",
    source="a test",
    dataset="",
    data=lambda folder: arrays(),
    model=model,
    heads=(KIND, SIZE),
    primary="kind/accuracy",
    steps=10,
    name="mine",
)


def arrays():
    random = np.random.default_rng(0)
    return {
        split: {
            "x": random.normal(size=(6, 3)).astype(np.float32),
            "kind": np.array([0, 1, 2, 3, 0, 1], np.int32),
            "size": random.normal(size=(6, 2)).astype(np.float32),
            "seen": np.ones((6, 2), np.float32),
        }
        for split in ("train", "validation", "test")
    }


def changed(split, key, value):
    splits = arrays()
    splits[split][key] = value
    return splits


def refused(task, splits):
    with pytest.raises(ValueError, match="mine") as error:
        check(task, splits)
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 500
    return text


def with_heads(*heads):
    return dataclasses.replace(GOOD, heads=heads)


def with_size(**changes):
    return with_heads(KIND, dataclasses.replace(SIZE, **changes))


def test_a_good_task_passes():
    check(GOOD, arrays())
    check(with_size(observed="seen", relevant=(1,)), arrays())


def nan_in_row_four():
    x = arrays()["test"]["x"]
    x[4, 1] = np.nan
    return x


def without(split, key):
    splits = arrays()
    del splits[split][key]
    return splits


def empty(split):
    splits = arrays()
    splits[split] = {key: column[:0] for key, column in splits[split].items()}
    return splits


def test_every_part_of_a_large_split_is_checked(monkeypatch):
    monkeypatch.setattr(checks, "ROWS", 4)  # of 6
    check(GOOD, arrays())
    kind = arrays()["validation"]["kind"]
    kind[5] = 7
    assert "'kind' must lie in 0..3" in refused(GOOD, changed("validation", "kind", kind))


@pytest.mark.parametrize(
    ("splits", "says"),
    [
        (
            changed("test", "x", nan_in_row_four()),
            "mine, test: x has 1 values that are not finite, the first in row 4",
        ),
        (changed("train", "size", np.full((6, 2), np.inf, np.float32)), "size has 12 values"),
        (
            changed("validation", "kind", np.full(6, 4, np.int32)),
            "'kind' must lie in 0..3, got 4..4",
        ),
        (changed("train", "kind", np.full(6, -1, np.int32)), "'kind' must lie in 0..3, got -1..-1"),
        (changed("train", "kind", np.zeros(5, np.int32)), "kind has 5 rows, x has 6"),
        (empty("validation"), "mine, validation: the split is empty"),
        (without("train", "x"), 'must have the input "x"'),
        (without("test", "size"), "mine, test: has x, kind, seen where train has"),
        ({"train": arrays()["train"]}, "must have the splits train, validation, test, got train"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_data_are_refused(splits, says):
    assert says in refused(GOOD, splits)


WRONG = [
    (with_size(loss=squared_error("length", "size")), "size: the loss fails: KeyError: 'length'"),
    (with_size(loss=squared_error("kind", "size")), "the loss fails: InvalidArgumentError"),
    (
        with_size(loss=lambda o, b: tf.reduce_mean(o["size"])),
        "must return elements (B, O), here (6, O); got ()",
    ),
    (with_size(loss=lambda o, b: o["size"] / 0.0), "the loss of a fresh model is not finite"),
    (with_size(observed="shown"), "no mask 'shown' in the data"),
    (with_size(observed="x"), "the mask 'x' must hold 0 and 1 and have the shape (6, 2)"),
    (with_size(relevant=(2,)), "relevant outputs (2,), and there are 2"),
    (with_size(metrics=()), "needs a metric"),
    (with_size(loss=binary_cross_entropy("size", "size")), "'size' must lie in 0..1"),
    (
        with_size(metrics=(Metric("odd", lambda o, a: o["length"], True),)),
        "the metric size/odd fails: KeyError",
    ),
    (dataclasses.replace(GOOD, primary="kind/mse"), "has no metric 'kind/mse'"),
    (
        dataclasses.replace(GOOD, model=lambda: one_output(3)),
        "must return a dict of outputs",
    ),
    (
        dataclasses.replace(GOOD, model=lambda: one_output(7)),
        "the model fails on x",
    ),
]


@pytest.mark.parametrize(("task", "says"), WRONG, ids=[says[:40] for _, says in WRONG])
def test_a_task_that_does_not_fit_is_refused(task, says):
    assert says in refused(task, arrays())
