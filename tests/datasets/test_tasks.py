"""What holds for every task file."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import lossbench.datasets
from lossbench.datasets import diabetes, measures
from lossbench.datasets.core.checks import check
from lossbench.datasets.core.task import SPLITS, Task

FOLDER = Path(lossbench.datasets.__file__).parent
NAMES = sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))


def load(name):
    module = importlib.import_module(f"lossbench.datasets.{name}")
    (task,) = (item for item in vars(module).values() if isinstance(item, Task))
    return task


@pytest.fixture(scope="module")
def folder_of(prepared, networked_sets):
    """Where the data of a task lie; those of networked tasks are small and invented."""
    return lambda name: networked_sets if load(name).networked else prepared


@pytest.fixture(scope="module")
def data(folder_of):
    """Arrays of a task, made once."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = load(name).data(folder_of(name))
        return made[name]

    return get


def outputs_at_start(task, x, seed=0):
    keras.utils.set_random_seed(seed)
    return task.model()(tf.constant(x), training=False)


def batch(arrays, size=256):
    return {key: tf.constant(column[:size]) for key, column in arrays.items()}


IMPORT_ALONE = """
import importlib, sys, types

class Deferred(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise RuntimeError(f"{self.__name__}.{name} was touched at import")

for name in ("tensorflow", "tensorflow_datasets", "keras"):
    sys.modules[name] = Deferred(name)
for name in sys.argv[1:]:
    importlib.import_module(f"lossbench.datasets.{name}")
heavy = {"sklearn", "scipy", "pandas", "filelock"} & set(sys.modules)
assert not heavy, heavy
"""


def test_importing_tasks_touches_no_tensorflow():
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_ALONE, *NAMES], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", NAMES)
def test_splits_are_whole_and_alike(name, data):
    splits = data(name)
    assert tuple(splits) == SPLITS
    for arrays in splits.values():
        assert arrays.keys() == splits["train"].keys()
        (count,) = {len(column) for column in arrays.values()}
        assert count >= (25 if load(name).dataset else 1)
        for key, column in arrays.items():
            assert column.dtype in (np.float32, np.int32), (key, column.dtype)
            assert np.isfinite(column).all(), key
            assert column.shape[1:] == splits["train"][key].shape[1:]


@pytest.mark.parametrize("name", NAMES)
def test_the_check_before_training_passes(name, data):
    check(load(name), data(name))


@pytest.mark.parametrize("name", NAMES)
def test_data_are_the_same_every_time(name, data, folder_of):
    np.random.seed(5)  # what a careless user of the global generator would do
    again = load(name).data(folder_of(name))
    for split, arrays in data(name).items():
        for key, column in arrays.items():
            np.testing.assert_array_equal(column, again[split][key])


@pytest.mark.parametrize("name", [name for name in NAMES if load(name).dataset])
def test_no_input_is_in_two_splits(name, data):
    rows = {split: {row.tobytes() for row in arrays["x"]} for split, arrays in data(name).items()}
    assert not rows["train"] & rows["validation"]
    assert not rows["train"] & rows["test"]
    assert not rows["validation"] & rows["test"]


@pytest.mark.parametrize("name", NAMES)
def test_losses_of_a_fresh_model_are_finite_elements(name, data):
    task, arrays = load(name), batch(data(name)["train"])
    outputs = outputs_at_start(task, arrays["x"])
    for head in task.heads:
        elements = head.loss(outputs, arrays)
        assert elements.shape.rank == 2
        assert elements.shape[0] == len(arrays["x"])
        assert np.isfinite(elements).all()
        assert elements.dtype == tf.float32
        if head.observed is not None:
            assert arrays[head.observed].shape == elements.shape
            assert set(np.unique(arrays[head.observed])) <= {0.0, 1.0}
        if head.relevant is not None:
            assert set(head.relevant) <= set(range(elements.shape[1]))


@pytest.mark.parametrize("name", NAMES)
def test_every_combined_loss_reaches_the_model(name, data):
    task, arrays = load(name), batch(data(name)["train"])
    keras.utils.set_random_seed(0)
    model = task.model()
    with tf.GradientTape(persistent=True) as tape:
        outputs = model(arrays["x"], training=True)
        losses = [tf.reduce_mean(head.loss(outputs, arrays)) for head in task.heads]
    reached = set()
    for loss in losses:
        gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
        own = {i for i, gradient in enumerate(gradients) if gradient is not None}
        assert own
        assert sum(float(tf.norm(gradients[i])) for i in own) > 0
        reached |= own
    assert reached == set(range(len(model.trainable_variables))), "a variable that no loss trains"


@pytest.mark.parametrize("name", NAMES)
def test_weights_depend_on_the_seed_alone(name, data):
    task, x = load(name), data(name)["train"]["x"][:8]
    first, again, other = (outputs_at_start(task, x, seed) for seed in (1, 1, 2))
    for key in first:
        np.testing.assert_array_equal(first[key], again[key])
        assert not np.array_equal(first[key], other[key])


@pytest.mark.parametrize("name", NAMES)
def test_metrics_of_a_fresh_model_are_numbers(name, data):
    task, splits = load(name), data(name)
    keras.utils.set_random_seed(0)
    model = task.model()
    outputs = {
        split: {key: value.numpy() for key, value in model(arrays["x"]).items()}
        for split, arrays in splits.items()
    }
    for head in task.heads:
        assert head.metrics or head.kind == "regulariser"
        for metric in head.metrics:
            assert np.isfinite(metric.score(outputs, splits, "test"))
    assert task.metric(task.primary)


@pytest.mark.parametrize("name", NAMES)
def test_a_task_says_what_it_is(name):
    task = load(name)
    assert task.summary.endswith(".")
    assert len(task.summary) < 100
    assert task.source
    names = [head.name for head in task.heads]
    assert len(set(names)) == len(names)
    assert all(layer.name for layer in task.model().layers)


# Chance: what the best constant of the training split reaches on the test split.


def majority(labels):
    return np.eye(labels.max() + 1, dtype=np.float32)[np.bincount(labels).argmax()]


def mean(targets):
    return targets.mean(0)


def median(targets):
    return np.median(targets, 0)


def log_odds(labels):
    return np.log(labels.mean(0) / (1 - labels.mean(0)))


def scaled_mean(unit):
    return lambda targets: targets.mean(0) / unit


CONSTANTS = {  # "task/head": (output, target, constant)
    "two_digits/left": ("left", "left", majority),
    "two_digits/right": ("right", "right", majority),
    "autoencode/label": ("label", "label", majority),
    "autoencode/pixels": ("pixels", "x", mean),
    "shortcut/digit": ("digit", "digit", majority),
    "shortcut/mark": ("mark", "mark", majority),
    "shortcut_agreeing/digit": ("digit", "digit", majority),
    "shortcut_agreeing/mark": ("mark", "mark", majority),
    "subset/zero": ("zero", "zero", mean),
    "subset/two": ("two", "two", mean),
    "subset/rest": ("rest", "rest", mean),
    "units/malignant": ("malignant", "malignant", log_odds),
    "units/area": ("area", "area", scaled_mean(1000)),
    "units/texture": ("texture", "texture", scaled_mean(30)),
    "robust/squared": ("target", "target", mean),
    "robust/absolute": ("target", "target", median),
    "writer/digit": ("digit", "digit", majority),
    "writer/block": ("block", "block", majority),
    "moments/code": ("code", "pixels", lambda pixels: np.zeros(8)),
    "moments/pixels": ("pixels", "pixels", mean),
    "smooth/digit": ("digit", "digit", majority),
    "photo/grey": ("grey", "grey", mean),
    "photo/edges": ("edges", "edges", mean),
    "photo/chroma": ("chroma", "chroma", mean),
    "photo/photo": ("photo", "photo", majority),
    **{
        f"diabetes/{name}": (name, name, scaled_mean(target.unit))
        for name, target in diabetes.TARGETS.items()
    },
    "few_labels/malignant": ("malignant", "malignant", log_odds),
    "few_labels/concave": ("concave", "concave", mean),
    "fair/progression": ("progression", "progression", mean),
    "fair/sex": ("sex", "sex", majority),
    **{f"measures/{name}": (name, name, mean) for name in measures.CELLS},
}
ALSO = {"pixels": ["drawn"], "digit": ["noisy"]}  # outputs that take the same constant
HEADS = [
    f"{name}/{head.name}"
    for name in NAMES
    if load(name).dataset and not load(name).networked  # whose real data are at hand
    for head in load(name).heads
    if head.metrics
]


def observed(task, head):
    return next(item.observed for item in load(task).heads if item.name == head)


@pytest.mark.parametrize("head", HEADS)
def test_chance_is_what_a_constant_reaches(head, data):
    name, _, head_name = head.partition("/")
    splits = data(name)
    constants = {}  # of all heads: a metric may read several
    for output, target, constant in (CONSTANTS[h] for h in HEADS if h.startswith(f"{name}/")):
        value = constant(splits["train"][target])
        constants |= dict.fromkeys((output, *ALSO.get(output, ())), value)
    output, target, constant = CONSTANTS[head]
    known = splits["train"][target]
    if (mask := observed(name, head_name)) is not None and splits["train"][mask].shape[1] == 1:
        known = known[splits["train"][mask][:, 0] > 0]
    value = constant(known)
    constants |= dict.fromkeys((output, *ALSO.get(output, ())), value)
    outputs = {
        split: {
            "features": np.zeros((len(arrays["x"]), 2)),
            **{
                key: np.broadcast_to(value, (len(arrays["x"]), *value.shape))
                for key, value in constants.items()
            },
        }
        for split, arrays in splits.items()
    }
    metrics = next(item.metrics for item in load(name).heads if item.name == head_name)
    for metric in metrics:
        assert metric.chance is not None
        found = metric.score(outputs, splits, "test")
        assert found == pytest.approx(metric.chance, rel=5e-3, abs=2e-4), metric.name
