"""A task that cannot work is refused before training, in one line."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from lossbench.datasets import Head, Metric, Task
from lossbench.datasets.core import checks
from lossbench.datasets.core.checks import check
from lossbench.datasets.core.data import load
from lossbench.datasets.core.losses import binary_cross_entropy, cross_entropy, squared_error
from lossbench.datasets.core.metrics import accuracy, mean_squared_error, r2


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


def test_real_weights_columns_for_labels_and_wide_numbers_pass():
    weights = {split: dict(columns) for split, columns in arrays().items()}
    for columns in weights.values():
        columns["seen"] = np.random.default_rng(1).random((6, 1))
        columns["kind"] = columns["kind"][:, None].astype(np.int64)
        columns["size"] = np.round(columns["size"]).astype(np.int64)
    task = dataclasses.replace(with_size(observed="seen"), data=lambda folder: weights)
    splits = load(task, Path())
    assert splits["train"]["seen"].dtype == np.float32
    check(task, splits)


def test_several_inputs_are_checked_one_by_one():
    def two():
        inputs = keras.Input((1,), name="one"), keras.Input((2,), name="two")
        joined = keras.layers.Concatenate()(inputs)
        outputs = {"kind": keras.layers.Dense(4)(joined), "size": keras.layers.Dense(2)(joined)}
        return keras.Model(inputs, outputs)

    def parted(columns):
        return {**columns, "x": (columns["x"][:, :1], columns["x"][:, 1:])}

    task = dataclasses.replace(GOOD, model=two)
    splits = {split: parted(columns) for split, columns in arrays().items()}
    check(task, splits)
    splits["test"]["x"] = (splits["test"]["x"][0], splits["test"]["x"][1][:4])
    assert "mine, test: x/1 has 4 rows, x has 6" in refused(task, splits)


def test_a_head_without_any_label_is_refused():
    splits = changed("validation", "seen", np.zeros((6, 2), np.float32))
    text = refused(with_size(observed="seen"), splits)
    assert "mine, validation, size: no row has a label, the mask 'seen' is 0 everywhere" in text


def test_a_target_that_does_not_vary_is_refused_where_it_gives_no_figure():
    task = with_size(metrics=(r2("size", "size"),))
    text = refused(task, changed("validation", "size", np.ones((6, 2), np.float32)))
    assert "mine, validation: the metric size/r2 of a fresh model is -inf" in text


def test_a_model_that_is_frozen_is_refused():
    def frozen():
        made = model()
        made.trainable = False
        return made

    text = refused(dataclasses.replace(GOOD, model=frozen), arrays())
    assert "the model has no trainable variable" in text


@pytest.mark.parametrize(
    "name", ["a/b", "a,b", "a*b", "a[b]", "a=b", " a", "", "a\nb", "<b>", "a|b"]
)
def test_a_name_that_cannot_be_a_column_or_an_option_is_refused(name):
    for make in (
        lambda: dataclasses.replace(SIZE, name=name),
        lambda: dataclasses.replace(mean_squared_error("a", "a"), name=name),
        *([lambda: dataclasses.replace(GOOD, name=name)] if name and "[" not in name else []),
    ):
        with pytest.raises(ValueError, match="name") as error:
            make()
        assert "\n" not in str(error.value)


def test_two_heads_or_metrics_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two heads of the task are called 'size'"):
        with_heads(KIND, SIZE, SIZE)
    with pytest.raises(ValueError, match="two metrics of head 'size' are called 'mse'"):
        dataclasses.replace(SIZE, metrics=SIZE.metrics * 2)


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
        (
            changed("train", "size", np.array([[1, None]] * 6)),
            "mine, train: size is an array of object",
        ),
        (
            changed("train", "size", np.ones(6, np.float32)),
            "validation: rows of size have shape (2,), those of train ()",
        ),
        (
            changed("train", "kind", np.zeros((6, 4), np.int32)),
            "validation: rows of kind have shape (), those of train (4,)",
        ),
        (
            changed("test", "seen", np.ones((6, 3), np.float32)),
            "mine, test: rows of seen have shape (3,), those of train (2,)",
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
    (
        with_size(loss=squared_error("length", "size")),
        "size: the loss fails: there is no 'length'; there are kind, size, x, seen",
    ),
    (
        with_size(loss=squared_error("kind", "size")),
        "the loss fails: target size has shape (6, 2), the output kind (6, 4)",
    ),
    (
        with_size(loss=lambda o, b: tf.reduce_mean(o["size"])),
        "must return elements (B, O), here (6, O); got ()",
    ),
    (with_size(loss=lambda o, b: o["size"] / 0.0), "the loss of a fresh model is not finite"),
    (with_size(observed="shown"), "no mask 'shown' in the data"),
    (
        with_size(observed="x"),
        "the mask 'x' has the shape (6, 2) of the loss, or (6, 1); got (6, 3)",
    ),
    (with_size(observed="kind"), "the mask 'kind' has the shape (6, 2) of the loss"),
    (with_size(observed="size"), "its weight, a number >= 0; got -"),
    (
        with_size(loss=lambda o, b: b["size"]),
        "mine, size: the loss depends on no trainable variable",
    ),
    (
        with_size(loss=lambda o, b: tf.stop_gradient(o["size"])),
        "mine, size: the loss depends on no trainable variable",
    ),
    (
        with_size(metrics=(Metric("odd", lambda o, a: -np.inf, True),)),
        "mine, train: the metric size/odd of a fresh model is -inf",
    ),
    (
        with_size(metrics=(Metric("odd", lambda o, a: np.nan, True),)),
        "mine, train: the metric size/odd of a fresh model is nan",
    ),
    (with_size(relevant=(2,)), "relevant outputs (2,), and there are 2"),
    (with_size(metrics=()), "needs a metric"),
    (with_size(loss=binary_cross_entropy("size", "size")), "'size' must lie in 0..1"),
    (
        with_size(metrics=(Metric("odd", lambda o, a: o["length"], True),)),
        "the metric size/odd fails: there is no 'length'; there are kind, size, x, seen",
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
