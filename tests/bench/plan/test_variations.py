"""Variations of a task by name: what changes, what stays paired, and what is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from lossbench.bench.plan import plan, tasks
from lossbench.bench.plan.cell import resolve
from lossbench.bench.plan.request import Request
from lossbench.bench.train import pairing
from lossbench.bench.train.outcome import train


def cell(task, **settings):
    settings = {"seeds": (0, 1), "steps": 20, "batch_size": None, "learning_rate": None} | settings
    settings |= {"device": "cpu", "xla": False, "precision": "float32", "heads": "own"}
    return resolve("sum", tasks.get(task), task, vectorised=True, **settings)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("two_digits", "two_digits"),
        ("two_digits[]", "two_digits"),
        ("two_digits[adam]", "two_digits"),
        ("two_digits[right*1.0]", "two_digits"),
        ("two_digits[right*1e-2]", "two_digits[right*0.01]"),
        ("two_digits[ right * .01, left*100, sgd ]", "two_digits[sgd,left*100,right*0.01]"),
        ("two_digits[right*1e-6]", "two_digits[right*1e-06]"),
    ],
)
def test_a_variation_has_one_canonical_name(source, name):
    assert tasks.get(source).name == name
    assert tasks.get(name) == tasks.get(source), "equal, so that what is cached by task is shared"
    assert tasks.base(name) == "two_digits"


def test_a_factor_multiplies_the_loss_and_nothing_else():
    plain, varied = tasks.get("autoencode"), tasks.get("autoencode[pixels*0.25]")
    outputs = {"pixels": tf.ones((3, 2)), "label": tf.ones((3, 4))}
    batch = {"x": tf.zeros((3, 2)), "label": tf.zeros(3, tf.int32)}
    for a, b, factor in zip(plain.heads, varied.heads, (1, 0.25), strict=True):
        np.testing.assert_array_equal(factor * a.loss(outputs, batch), b.loss(outputs, batch))
        assert (a.weight, a.metrics, a.kind) == (b.weight, b.metrics, b.kind)
    assert (plain.optimizer, plain.learning_rate) == (varied.optimizer, varied.learning_rate)


def test_sgd_has_a_learning_rate_of_its_own():
    plain, varied = tasks.get("autoencode"), tasks.get("autoencode[sgd]")
    assert (varied.optimizer, varied.learning_rate) == ("sgd", plain.sgd_learning_rate)
    assert varied.searched_rates == (varied.learning_rate / 10, varied.learning_rate * 10)
    assert varied.heads == plain.heads
    assert cell("autoencode[sgd]").optimizer == "sgd"


# Those whose rate has least room: three times it collapses or diverges.
@pytest.mark.parametrize("name", ["moments", "shortcut", "writer"])
def test_sgd_works_where_it_is_offered(name, tmp_path_factory):
    data = tmp_path_factory.getbasetemp() / "variation_data"
    rows = train(cell(f"{name}[sgd]", steps=300), data, lambda steps: None).rows
    assert [row["status"] for row in rows] == ["ok", "ok"], rows[0]["reason"]


def test_a_varied_task_is_paired_with_the_task_itself():
    plain = tasks.get("autoencode")
    starts = [
        pairing.start(tasks.get(name), 0, steps=5, batch_size=8, x=np.zeros(40))
        for name in ("autoencode", "autoencode[sgd]", "autoencode[label*10]")
    ]
    assert len({start.digest for start in starts}) == 1
    other = dataclasses.replace(plain, name="another")
    assert pairing.start(other, 0, 5, 8, np.zeros(40)).digest != starts[0].digest


def test_a_scaled_loss_is_recorded_scaled_from_the_same_start(tmp_path_factory):
    data = tmp_path_factory.getbasetemp() / "variation_data"
    plain, varied = (
        train(cell(name), data, lambda steps: None).series.query("step == 0")
        for name in ("two_digits", "two_digits[right*0.01]")
    )
    np.testing.assert_allclose(varied["loss/left"], plain["loss/left"], rtol=1e-6)
    np.testing.assert_allclose(varied["loss/right"], 0.01 * plain["loss/right"], rtol=1e-5)


def test_cells_of_variations_are_their_own_and_share_the_code():
    plain, scaled, sgd = (cell(f"autoencode{rest}") for rest in ("", "[pixels*2]", "[sgd]"))
    assert len({plain.key, scaled.key, sgd.key}) == 3
    assert plain.code == scaled.code == sgd.code
    assert (scaled.task, scaled.task_name) == ("autoencode[pixels*2]", "autoencode[pixels*2]")


FILE = """
from lossbench.datasets import Head, Task

task = Task("A test.", "a test", "", None, None, (Head("one", abs), Head("two", abs)), "one/m", 1,
            sgd_learning_rate=0.5)
"""


def test_a_file_is_varied_as_a_name_is(tmp_path):
    file = tmp_path / "mine_varied.py"
    file.write_text(FILE)
    assert tasks.get(f"{file}[sgd]").name == "mine_varied[sgd]"
    assert tasks.get(f"{file}[sgd]").learning_rate == 0.5
    assert tasks.get(f"{file}:task[two*3]").name == "task[two*3]"
    assert tasks.file_of(f"{file}:task[two*3]") == file
    assert tasks.vary([f"{file}:task"], None, {"two": 3}) == (f"{file}:task[two*3]",)


def test_options_vary_all_tasks_that_have_the_head():
    sources = ["two_digits", "autoencode[label*3]"]
    assert tasks.vary(sources) == tuple(sources)
    assert tasks.vary(sources, scales={"right": 0.01}) == ("two_digits[right*0.01]", sources[1])
    assert tasks.vary(sources, "sgd", {"pixels": 2.0}) == (
        "two_digits[sgd]",
        "autoencode[sgd,label*3,pixels*2]",
    )
    with pytest.raises(ValueError, match=r"no task of this run has a loss 'rihgt' \(did you mean"):
        tasks.vary(sources, scales={"rihgt": 0.01})
    both = ["autoencode", "autoencode[label*3]", "autoencode[sgd]"]
    assert tasks.vary(both, "adam", {"label": 3.0}) == (
        "autoencode[label*3]",
        "autoencode[sgd,label*3]",
    ), "brackets count more than an option, and nothing is trained twice"
    assert tasks.vary(["autoencode[label*3]"], None, {"label": 2.0}) == ("autoencode[label*3]",)
    with pytest.raises(ValueError, match="the factor of 'left' is a finite number above 0"):
        tasks.vary(sources, scales={"left": -1.0})


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("two_digits[rihgt*0.1]", "has no loss 'rihgt' (did you mean right?); it has left, right"),
        ("two_digits[right*0]", "the factor of 'right' is a finite number above 0, got '0'"),
        ("two_digits[right*inf]", "the factor of 'right' is a finite number above 0, got 'inf'"),
        ("two_digits[right*-2]", "got '-2'"),
        ("two_digits[right*tiny]", "got 'tiny'"),
        ("two_digits[sdg]", "no variation 'sdg' (did you mean sgd?)"),
        ("two_digits[right*2,right*3]", "the loss 'right' is scaled twice"),
        ("two_digits[sgd,adam]", "both sgd and adam"),
        ("units[sgd]", "units has no learning rate for sgd; tasks that have one for sgd: auto"),
        ("two_digit[sgd]", "no task called 'two_digit' (did you mean two_digits?)"),
        ("two_digits[sgd", "no task called 'two_digits[sgd' (did you mean two_digits?)"),
    ],
)
def test_what_cannot_be_varied_is_one_line(source, says):
    with pytest.raises(ValueError, match=r".") as caught:
        tasks.get(source)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_request_takes_variations():
    planned = plan.build(Request(strategies="sum", tasks="units,two_digits[sgd,right*0.01]"))
    assert list(planned.tasks) == ["units", "two_digits[sgd,right*0.01]"]
    labels = planned.content["single_task"]["two_digits[sgd,right*0.01]"]
    assert set(labels) == {"left", "right"}
