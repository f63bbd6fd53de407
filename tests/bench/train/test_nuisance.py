"""The tuned weight of what is to be unlearned: it acts as the weight that stands at the head."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from lossbench.bench.plan import search, tasks
from lossbench.bench.plan.cell import resolve
from lossbench.bench.plan.resolved import strategy_on
from lossbench.bench.train.engine import Engine
from lossbench.bench.train.network import Network
from lossbench.bench.train.of_task import splits_of
from lossbench.bench.train.outcome import train
from lossbench.bench.train.step import Step
from lossbench.datasets import shortcut
from lossbench.datasets.core.data import cut
from lossbench.datasets.core.loader import default_data_dir


def trained(task, strategy, tuned):
    """The weights after a few steps from zeros and ones."""
    data = splits_of(tasks.get("shortcut"), default_data_dir())["train"]
    network = Network(task, tf.nest.map_structure(tf.constant, dict(cut(data, 0, 8))))
    step = Step(network, strategy_on(task, strategy))
    engine = Engine(step, data, steps=5, chunk=5, xla=False)
    random = np.random.default_rng(0)
    start = [
        random.normal(0, 0.1, v.shape).astype(np.float32) for v in network.model.trainable_variables
    ]
    carry = engine.initial([start], [[]])
    batches = random.integers(len(data["x"]), size=(5, 1, 8)).astype(np.int32)
    carry, _ = engine.run(carry, batches, None, np.array([0.01]), 0, tuned)
    return [value.numpy() for value in carry.trainable]


# One of each way to a gradient, and one that puts the signs itself.
@pytest.mark.parametrize("strategy", ["sum", "mgda", "config", "subtraction"])
def test_a_factor_of_the_nuisance_is_a_factor_of_its_weight(strategy):
    task = tasks.get("shortcut")
    by_hand = dataclasses.replace(
        task,
        heads=tuple(
            dataclasses.replace(h, weight=5 * h.weight) if h.kind == "nuisance" else h
            for h in task.heads
        ),
    )
    factor = {search.NUISANCE: np.array([5.0])}
    for tuned, expected in zip(
        trained(task, strategy, factor), trained(by_hand, strategy, {}), strict=True
    ):
        np.testing.assert_allclose(tuned, expected, rtol=1e-5, atol=1e-7)
    plain = trained(task, strategy, {})
    changed = trained(task, strategy, factor)
    assert any(not np.allclose(a, b) for a, b in zip(plain, changed, strict=True))


CLEAN = """
import dataclasses
import numpy as np
from lossbench.datasets import shortcut
from lossbench.datasets.core.digits import CLASSES

def data(folder):
    splits = shortcut.data(folder)
    pictures = splits["train"]["x"].reshape(-1, 10, 10)[:, 1:-1, 1:-1]
    columns = np.random.default_rng(77).integers(CLASSES, size=len(pictures)).astype(np.int32)
    x = shortcut.mark(pictures, columns).reshape(len(pictures), -1)
    return {**splits, "train": {**splits["train"], "x": x, "mark": columns}}

task = dataclasses.replace(shortcut.task, data=data)
"""


def test_the_oracle_of_shortcut_is_the_model_without_the_nuisance(tmp_path):
    (tmp_path / "clean.py").write_text(CLEAN)
    source = f"{tmp_path / 'clean.py'}:task"
    fixed = {"device": "cpu", "xla": False, "precision": "float32", "heads": "own"}
    cell = resolve(
        "weighted(weights=(1.0, 0.0))",
        tasks.get(source),
        source,
        seeds=tuple(range(5)),
        vectorised=True,
        **fixed,
    )
    rows = train(cell, default_data_dir(), lambda steps: None).rows
    reached = np.mean([row["metric/digit/accuracy/test"] for row in rows])
    assert reached == pytest.approx(shortcut.ORACLE, abs=0.01)
