"""The README's example runs as it stands, and its tables leave nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import lossbench.datasets
from lossbench.bench.plan import tasks
from lossbench.datasets.core.checks import check
from lossbench.datasets.core.loader import packaged, sizes

README = (Path(lossbench.datasets.__file__).parent / "README.md").read_text()


def test_the_example_is_a_task_that_learns(tmp_path):
    file = tmp_path / "waves.py"
    file.write_text(re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)[0])
    task = tasks.get(str(file))
    splits = task.data(tmp_path)
    check(task, splits)
    keras.utils.set_random_seed(0)
    model, optimizer = task.model(), keras.optimizers.Adam(3e-3)
    train = {key: tf.constant(column) for key, column in splits["train"].items()}

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            outputs = model(train["x"])
            loss = tf.add_n([tf.reduce_mean(head.loss(outputs, train)) for head in task.heads])
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

    for _ in range(300):
        step()
    outputs = {"test": {key: value.numpy() for key, value in model(splits["test"]["x"]).items()}}
    assert task.metric("shape/accuracy").score(outputs, splits, "test") > 0.7
    assert task.metric("frequency/r2").score(outputs, splits, "test") > 0.3


def test_a_tf_data_set_becomes_columns():
    code = re.findall(r"^  ```python\n(.*?)^  ```", README, flags=re.DOTALL | re.MULTILINE)[0]
    source = {"x": np.arange(12.0, dtype=np.float32).reshape(4, 3), "label": np.arange(4)}
    names = {"np": np, "dataset": tf.data.Dataset.from_tensor_slices(source)}
    exec("\n".join(line[2:] for line in code.splitlines()), names)
    for key, column in source.items():
        np.testing.assert_array_equal(names["columns"][key], column)


def test_every_task_is_in_the_table_with_its_heads():
    for name in tasks.names():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", README, flags=re.MULTILINE)
        task = tasks.get(name)
        assert task.dataset in row
        if len(task.heads) >= 10:
            (weight,) = {1 / head.weight for head in task.heads}
            what = rf"\| {len(task.heads)} \w+, {'1' if weight == 1 else f'1/{weight:.0f}'} each \|"
            assert re.search(what, row)
            continue
        for head in task.heads:
            (weight,) = re.findall(rf"[| ]{head.name}(?: ([\de.-]+))?(?=[, ])", row.split("|")[3])
            assert float(weight or 1) == head.weight, head.name


def test_every_data_set_is_in_the_table_with_its_sizes(prepared):
    for name in packaged():
        counts = ", ".join(map(str, sizes(name, prepared, download=False).values()))
        assert f"| `{name}` | {counts} " in README
