"""Tasks on data from the network: the real loading path on small sets, and what absence says."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from lossbench.bench.plan import plan, tasks
from lossbench.bench.plan.cell import resolve
from lossbench.bench.plan.presets import PRESETS
from lossbench.bench.plan.request import Request
from lossbench.bench.train.network import Network
from lossbench.bench.train.outcome import train
from lossbench.datasets import arrays
from lossbench.datasets.core import networked, pictures
from lossbench.datasets.core.convolution import convolution
from lossbench.datasets.core.prepare import prepare
from lossbench.datasets.core.unavailable import DataUnavailable
from lossbench.strategies import Strategy

NAMES = [name for name in tasks.names() if tasks.get(name).networked]


def test_these_are_the_networked_tasks():
    assert NAMES == [
        "attributes_celeb_a",
        "autoencode_cifar10",
        "autoencode_fashion_mnist",
        "autoencode_kmnist",
        "autoencode_mnist",
        "factors_dsprites",
        "two_clothes",
        "two_digits_mnist",
    ]


# Data.


def test_validation_comes_from_training_and_test_stays_whole(networked_sets):
    source = arrays("mnist", networked_sets)
    splits = pictures.pictures("mnist", networked_sets)
    assert [len(part["label"]) for part in splits.values()] == [570, 30, 80]
    test = splits["test"]
    np.testing.assert_array_equal(test["image"], source["test"]["image"].astype(np.float32) / 255)
    np.testing.assert_array_equal(test["label"], source["test"]["label"])
    both = np.concatenate([splits["train"]["image"], splits["validation"]["image"]])
    expected = {image.tobytes() for image in source["train"]["image"]}
    assert {np.rint(image * 255).astype(np.uint8).tobytes() for image in both} == expected
    assert len(expected) == len(both)
    assert both.min() >= 0
    assert both.max() <= 1


def test_labels_stay_with_their_pictures(networked_sets):
    source = arrays("cifar10", networked_sets)["train"]
    known = {
        (image.astype(np.float32) / 255).tobytes(): int(label)
        for image, label in zip(source["image"], source["label"], strict=True)
    }
    for split in ("train", "validation"):
        part = tasks.get("autoencode_cifar10").data(networked_sets)[split]
        for x, label in zip(part["x"], part["label"], strict=True):
            assert known[x.tobytes()] == label


def test_pictures_are_decoded_once(networked_sets, monkeypatch):
    pictures.records.cache_clear()
    calls = []
    monkeypatch.setattr(pictures, "arrays", lambda *a, **k: calls.append(a) or arrays(*a, **k))
    first = tasks.get("autoencode_mnist").data(networked_sets)
    second = tasks.get("two_digits_mnist").data(networked_sets)
    assert len(calls) == 1
    assert first["train"]["x"].flags.writeable, "a task's own arrays are its own"
    assert second["train"]["x"].shape == (570, 36 * 36)
    with pytest.raises(ValueError, match="read-only"):
        pictures.records("mnist", networked_sets)["train"]["image"][0] = 0


def test_a_limit_reads_the_first_examples(networked_sets):
    whole, few = arrays("mnist", networked_sets), arrays("mnist", networked_sets, limit=100)
    assert [len(part["label"]) for part in few.values()] == [100, 80]
    np.testing.assert_array_equal(few["train"]["image"], whole["train"]["image"][:100])


def test_photographs_are_reconstructed_at_half_size(networked_sets):
    part = tasks.get("autoencode_cifar10").data(networked_sets)["test"]
    picture = part["x"][0].reshape(32, 32, 3)
    half = part["pixels"][0].reshape(16, 16, 3)
    np.testing.assert_allclose(half[3, 5], picture[6:8, 10:12].mean((0, 1)), rtol=1e-6)


def test_pairs_are_drawn_inside_their_split(networked_sets):
    digits = pictures.pictures("mnist", networked_sets)
    for split, part in tasks.get("two_digits_mnist").data(networked_sets).items():
        canvas = part["x"].reshape(-1, 36, 36)
        # The first rows show the left digit alone, the last rows the right digit alone.
        tops = {
            (image[:8].tobytes(), int(label))
            for image, label in zip(digits[split]["image"], digits[split]["label"], strict=True)
        }
        ends = {
            (image[-8:].tobytes(), int(label))
            for image, label in zip(digits[split]["image"], digits[split]["label"], strict=True)
        }
        for picture, left, right in zip(canvas, part["left"], part["right"], strict=True):
            assert (picture[:8, :28].tobytes(), int(left)) in tops
            assert (picture[-8:, 8:].tobytes(), int(right)) in ends


def test_sprites_have_no_whole_turn_and_no_twins(networked_sets):
    source = arrays("dsprites", networked_sets)["train"]
    splits = tasks.get("factors_dsprites").data(networked_sets)
    kept = np.concatenate([part["x"] for part in splits.values()])
    turned = source["label_orientation"] == 39
    assert turned.sum() >= 60
    assert all(part["orientation"].max() < 39 for part in splits.values())
    assert len({row.tobytes() for row in kept}) == len(kept) < len(turned) - turned.sum()
    counts = [len(part["x"]) for part in splits.values()]
    assert counts[0] == pytest.approx(0.8 * sum(counts), abs=1)
    assert counts[1] == pytest.approx(0.1 * sum(counts), abs=1)


def test_only_so_many_sprites_are_read(networked_sets, monkeypatch):
    task = tasks.get("factors_dsprites")
    monkeypatch.setitem(task.data.__globals__, "EXAMPLES", 200)
    assert sum(len(part["x"]) for part in task.data(networked_sets).values()) <= 200


def test_faces_are_cut_and_shrunk_on_the_way(networked_sets):
    task = tasks.get("attributes_celeb_a")
    source = arrays("celeb_a", networked_sets)
    splits = task.data(networked_sets)
    assert [len(part["x"]) for part in splits.values()] == [120, 40, 40]
    for split, part in splits.items():
        assert list(part)[1:] == [head.name for head in task.heads]
        assert len(task.heads) == 40
        for head in task.heads:
            truth = source[split][f"attributes/{head.name}"]
            np.testing.assert_array_equal(part[head.name][:, 0], truth)
        square = source[split]["image"][:, 20:198].astype(np.float64) / 255
        small = part["x"].reshape(-1, 32, 32, 3)
        # The area of a pixel is kept: so are the means, up to rounding to bytes.
        np.testing.assert_allclose(small.mean((1, 2)), square.mean((1, 2)), atol=2e-3)
        np.testing.assert_allclose(  # 16 of 32 pixels are 89 of 178
            small[:, :16, :16].mean((1, 2)), square[:, :89, :89].mean((1, 2)), atol=2e-3
        )
    assert task.data(networked_sets)["train"]["x"].flags.writeable


def test_only_so_many_faces_are_read(networked_sets, monkeypatch):
    task = tasks.get("attributes_celeb_a")
    few = {"train": 30, "validation": 8, "test": 9}
    monkeypatch.setitem(task.data.__globals__, "EXAMPLES", few)
    task.data.__globals__["faces"].cache_clear()
    found = task.data(networked_sets)
    task.data.__globals__["faces"].cache_clear()
    assert {split: len(part["x"]) for split, part in found.items()} == few


# The network.


def test_a_convolution_is_what_keras_calls_one():
    keras.utils.set_random_seed(0)
    x = keras.Input((6, 8, 3))
    model = keras.Model(x, convolution(x, 5, "conv"))
    kernel, bias = model.get_layer("conv").get_weights()
    bias = bias + np.linspace(-0.2, 0.2, 5, dtype=np.float32)
    model.get_layer("conv").set_weights([kernel, bias])
    other = keras.layers.Conv2D(5, 2, 2, activation="relu")
    other.build((None, 6, 8, 3))
    other.set_weights([kernel.reshape(2, 2, 3, 5), bias])
    pixels = tf.constant(np.random.default_rng(0).normal(size=(4, 6, 8, 3)), tf.float32)
    np.testing.assert_allclose(model(pixels), other(pixels), rtol=1e-5, atol=1e-6)


def test_an_odd_side_is_refused():
    with pytest.raises(ValueError, match="must be even, got 5 x 8"):
        convolution(keras.Input((5, 8, 3)), 5, "conv")


def operations(function, *arguments):
    """Names of all operations in the graph of a function, its inner functions included."""
    graph = tf.function(function).get_concrete_function(*arguments).graph.as_graph_def()
    functions = (node for inner in graph.library.function for node in inner.node_def)
    return {node.op for node in (*graph.node, *functions)}


@pytest.mark.parametrize("name", NAMES)
def test_no_operation_loops_over_the_seeds(name, networked_sets):
    task = tasks.get(name)
    batch = {key: tf.constant(v[:4]) for key, v in task.data(networked_sets)["train"].items()}
    network = Network(task, batch)
    weights = [tf.stack([v.value] * 2) for v in network.model.trainable_variables]

    def one(trainable):
        with tf.GradientTape() as tape:
            tape.watch(trainable)
            losses = network.losses(Strategy(), trainable, [], batch).values
            total = tf.add_n(losses)
        return tape.gradient(total, trainable)

    found = operations(lambda weights: tf.vectorized_map(one, weights), weights)
    assert "BatchMatMulV2" in found
    assert not {op for op in found if "While" in op}, "a convolution of Keras makes one"


def cell(name, strategy, steps, **settings):
    settings = {"vectorised": True, "xla": False} | settings
    settings |= {"seeds": (0, 1, 2), "steps": steps, "batch_size": 32, "learning_rate": None}
    settings |= {"device": "cpu", "precision": "float32", "heads": "own"}
    return resolve(strategy, tasks.get(name), name, **settings)


@pytest.mark.parametrize(
    ("name", "head"), [("autoencode_mnist", "label/accuracy"), ("autoencode_cifar10", None)]
)
def test_all_seeds_train_together_and_learn(networked_sets, name, head):
    steps = 150 if head else 3
    outcome = train(cell(name, "sum", steps), networked_sets, lambda steps: None)
    assert [row["status"] for row in outcome.rows] == ["ok"] * 3
    if head:
        assert min(row[f"metric/{head}/test"] for row in outcome.rows) > 0.8
        assert max(row["metric/pixels/mse/test"] for row in outcome.rows) < 0.03


def test_stacked_seeds_are_the_same_as_one_after_the_other(networked_sets):
    losses = [
        train(
            cell("two_digits_mnist", "pcgrad", 4, vectorised=vectorised),
            networked_sets,
            lambda steps: None,
        ).series
        for vectorised in (True, False)
    ]
    for column in ("loss/left", "loss/right"):
        np.testing.assert_allclose(losses[0][column], losses[1][column], rtol=2e-4)


def test_forty_losses_are_learned(networked_sets):
    """With Keras alone: the engine's graph of 40 gradients takes a quarter of a minute to build."""
    task = tasks.get("attributes_celeb_a")
    splits = task.data(networked_sets)
    keras.utils.set_random_seed(0)
    model, optimizer = task.model(), keras.optimizers.Adam(task.learning_rate)
    train = {key: tf.constant(column) for key, column in splits["train"].items()}

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            outputs = model(train["x"])
            loss = tf.add_n([tf.reduce_mean(head.loss(outputs, train)) for head in task.heads])
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

    for _ in range(60):
        step()
    outputs = {"test": {key: value.numpy() for key, value in model(splits["test"]["x"]).items()}}
    assert task.metric(task.primary).score(outputs, splits, "test") > 0.7


def test_five_losses_train(networked_sets):
    outcome = train(cell("factors_dsprites", "mgda", 5), networked_sets, lambda steps: None)
    assert [row["status"] for row in outcome.rows] == ["ok"] * 3
    assert "metric/shape/mean_accuracy/test" in outcome.rows[0]


# Without the data, and without a network.


@pytest.mark.parametrize("name", NAMES)
def test_data_that_are_not_there_are_one_line(tmp_path, no_network, name):
    task = tasks.get(name)
    with pytest.raises(DataUnavailable) as error:
        task.data(tmp_path)
    text = str(error.value)
    assert "\n" not in text
    assert f"{task.dataset} is not in {tmp_path}" in text
    assert f"`lossbench prepare {task.dataset}`" in text
    assert str(tmp_path / task.dataset) in text


@pytest.mark.parametrize("name", sorted({tasks.get(name).dataset for name in NAMES}))
def test_preparing_without_a_network_is_one_line_after_one_try(tmp_path, no_network, name):
    with pytest.raises(DataUnavailable, match="no network") as error:
        prepare([name], tmp_path, say=lambda line: None)
    assert len(no_network) == 1  # TFDS itself tries again for 205 s
    text = str(error.value)
    assert "\n" not in text
    assert text.startswith(f"{name}: ")
    assert str(tmp_path / name) in text


def test_what_is_there_is_known_without_reading_it(networked_sets, tmp_path):
    assert networked.is_there("mnist", networked_sets)
    assert not networked.is_there("mnist", tmp_path)
    (tmp_path / "mnist" / "3.0.1.incompleteABC").mkdir(parents=True)
    assert not networked.is_there("mnist", tmp_path)


def test_all_tasks_leave_out_what_is_not_there(networked_sets, tmp_path):
    (tmp_path / "kmnist").symlink_to(networked_sets / "kmnist")
    names, line = tasks.all_ready(tmp_path)
    assert "autoencode_kmnist" in names
    assert not set(names) & (set(NAMES) - {"autoencode_kmnist"})
    assert {tasks.base(name) for name in names} | set(NAMES) == set(tasks.names())
    assert "two_digits[right*0.01]" in names
    assert "\n" not in line
    assert "autoencode_cifar10, autoencode_fashion_mnist, autoencode_mnist, factors" in line
    assert "`lossbench prepare celeb_a cifar10 dsprites fashion_mnist mnist`" in line
    assert str(tmp_path) in line
    names, line = tasks.all_ready(networked_sets)
    assert line == ""
    assert tuple(dict.fromkeys(map(tasks.base, names))) == tasks.names()


@pytest.mark.parametrize("which", [{"tasks": "all"}, {"preset": "full"}])
def test_a_run_of_all_tasks_works_without_a_network(tmp_path, which):
    planned = plan.build(Request(strategies="sum", data_dir=tmp_path, **which))
    assert {tasks.base(name) for name in planned.tasks} == set(tasks.names()) - set(NAMES)
    assert planned.left_out == tasks.all_ready(tmp_path)[1]


def test_no_quick_preset_needs_a_network():
    for preset in ("smoke", "quick"):
        assert not set(PRESETS[preset].tasks) & set(NAMES)


def run_python(*arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


WITHOUT_TENSORFLOW = """
import sys
from lossbench.bench.cli.main import main

code = main(sys.argv[1:])
assert "tensorflow.python" not in sys.modules, "no need to start TensorFlow for this"
sys.exit(code)
"""


def test_a_task_that_is_named_and_not_there_ends_in_one_line(tmp_path):
    done = run_python(
        *("-c", WITHOUT_TENSORFLOW, "run", "--tasks", "autoencode_cifar10", "--strategies", "sum"),
        *("--data-dir", str(tmp_path / "data"), "--out", str(tmp_path / "out")),
    )
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert line == f"lossbench: {networked.how_to_get('cifar10', tmp_path / 'data')}"


def test_the_command_line_trains_a_prepared_set(networked_sets, tmp_path):
    done = run_python(
        *(
            "-m",
            "lossbench.bench",
            "run",
            "--tasks",
            "autoencode_fashion_mnist",
            "--strategies",
            "sum",
            "--steps",
            "4",
        ),
        *("--seeds", "2", "--jobs", "1", "--data-dir", str(networked_sets)),
        *("--preset", "smoke", "--no-single-task", "--no-static-weights"),
        *("--out", str(tmp_path / "out")),
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.html").is_file()
