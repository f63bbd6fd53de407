"""Accidents of preparing and reading data: healed, or one clear line."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import subprocess
import sys

import filelock
import numpy as np
import pytest

from lossbench.datasets.core import packaged, reading
from lossbench.datasets.core.loader import arrays, default_data_dir, sizes
from lossbench.datasets.core.prepare import prepare
from lossbench.datasets.core.unavailable import DataUnavailable, diagnose

VERSION = "sk_digits/1.0.0"


@pytest.fixture(scope="module")
def expected(prepared):
    return arrays("sk_digits", prepared)


def same(found, expected):
    assert list(found) == list(expected)
    for split in expected:
        assert found[split].keys() == expected[split].keys()
        for key in expected[split]:
            np.testing.assert_array_equal(found[split][key], expected[split][key])


def one_line(error):
    text = str(error.value)
    assert "\n" not in text
    assert len(re.sub(r"/\S*pytest\S*", "", text)) < 400  # however long the folder's name is
    return text


# Processes are forked before TensorFlow starts: one import serves all, and they do collide.
ACCIDENTS = """
import hashlib, os, signal, sys
import tensorflow, tensorflow_datasets
from lossbench.datasets.core.loader import arrays
from lossbench.datasets.sk_digits.sk_digits_dataset_builder import Builder

race, killed = sys.argv[1:]

if not os.fork():
    whole = Builder._generate_examples
    def half(self, blocks):
        for number, example in enumerate(whole(self, blocks)):
            if number == 100 and 9 in blocks:
                os.kill(os.getpid(), signal.SIGKILL)
            yield example
    Builder._generate_examples = half
    arrays("sk_digits", killed)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.wait()[1]) == -signal.SIGKILL, "it lived on"

gate, opener = os.pipe()
for number in range(4):
    if not os.fork():
        os.close(opener)
        os.read(gate, 1)  # until all are there
        splits = arrays("sk_digits", race)
        digest = hashlib.sha1(b"".join(splits[s]["image"].tobytes() for s in splits)).hexdigest()
        os.write(1, (digest + "\\n").encode())
        os._exit(0)
os.close(opener)
sys.exit(max(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)))
"""


@pytest.fixture(scope="module")
def accidents(tmp_path_factory):
    """A folder where four processes prepared at once, one where one was killed, and the output."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    folder = tmp_path_factory.mktemp("accidents")
    environment = os.environ | {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
    }
    done = subprocess.run(
        [sys.executable, "-c", ACCIDENTS, str(folder / "race"), str(folder / "killed")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_four_processes_may_prepare_at_once(accidents, expected):
    folder, said = accidents
    images = b"".join(split["image"].tobytes() for split in expected.values())
    assert said.splitlines() == [hashlib.sha1(images).hexdigest()] * 4
    assert not list((folder / "race" / "sk_digits").glob("incomplete.*"))


def test_a_preparation_that_was_killed_is_done_anew(accidents, expected):
    folder = accidents[0] / "killed"
    assert list((folder / "sk_digits").glob("incomplete.*")), "nothing was half done"
    same(arrays("sk_digits", folder), expected)
    assert not list((folder / "sk_digits").glob("incomplete.*"))


def empty_version(version):
    for file in version.iterdir():
        file.unlink()


def no_info(version):
    (version / "dataset_info.json").unlink()


def damaged_info(version):
    info = version / "dataset_info.json"
    info.write_text(info.read_text()[:100])


def no_features(version):
    (version / "features.json").unlink()


def record(version):
    return next(version.glob("*train*tfrecord*"))


def cut_record(version):
    content = record(version).read_bytes()
    record(version).write_bytes(content[: len(content) // 2])


def flipped_byte(version):
    content = bytearray(record(version).read_bytes())
    content[len(content) // 2] ^= 255
    record(version).write_bytes(content)


def empty_record(version):
    record(version).write_bytes(b"")


def no_record(version):
    record(version).unlink()


DAMAGES = [
    empty_version,
    no_info,
    damaged_info,
    no_features,
    cut_record,
    flipped_byte,
    empty_record,
    no_record,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_healed(own, expected, damage):
    damage(own / VERSION)
    same(arrays("sk_digits", own), expected)
    # Healed on disk too: reading needs no preparation any more.
    same(packaged.read_prepared("sk_digits", own), expected)


def test_sound_data_are_not_prepared_again(own, expected, monkeypatch):
    monkeypatch.setattr(reading, "prepare", lambda builder: pytest.fail("prepared again"))
    same(arrays("sk_digits", own), expected)


def test_nothing_is_printed(tmp_path, capfd):
    arrays("sk_digits", tmp_path)
    assert capfd.readouterr().out == ""


# Folders that cannot be written. Tests may run as root, whom permissions do not stop.


@pytest.fixture
def read_only(monkeypatch):
    def acquire(self, *arguments, **keywords):
        raise OSError(errno.EROFS, "Read-only file system", self.lock_file)

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire)


def test_prepared_data_are_read_from_a_read_only_folder(own, expected, read_only):
    same(arrays("sk_digits", own), expected)


def test_a_read_only_folder_without_data_is_named(tmp_path, read_only):
    with pytest.raises(DataUnavailable) as error:
        arrays("sk_digits", tmp_path)
    text = one_line(error)
    assert str(tmp_path) in text
    assert "Read-only file system" in text
    assert "LOSSBENCH_DATA" in text


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DataUnavailable) as error:
        arrays("sk_digits", tmp_path / "file" / "data")
    assert "Not a directory" in one_line(error)
    with pytest.raises(DataUnavailable) as error:
        arrays("sk_digits", tmp_path / "file")
    assert "File exists" in one_line(error)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(DataUnavailable, match="Permission denied"):
            arrays("sk_digits", tmp_path)
    finally:
        tmp_path.chmod(0o755)


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    def full(builder):  # what TFDS raises: the system's error is text inside its own
        raise RuntimeError(
            'ResourceExhaustedError: Failed to finalize writing of split "train": '
            "No space left on device"
        )

    monkeypatch.setattr(reading, "prepare", full)
    with pytest.raises(DataUnavailable, match="is full; free some space") as error:
        arrays("sk_digits", tmp_path)
    assert str(tmp_path) in one_line(error)


def test_a_full_disk_is_seen_behind_other_errors(tmp_path):
    error = RuntimeError("something else")
    error.__cause__ = OSError(errno.ENOSPC, "some text")
    assert "is full" in str(diagnose("x", tmp_path, error))


def test_an_unknown_failure_is_told_as_it_is(tmp_path, monkeypatch):
    def fail(builder):
        raise KeyError("strange")

    monkeypatch.setattr(reading, "prepare", fail)
    with pytest.raises(DataUnavailable, match=r"sk_digits could not be prepared.*strange") as error:
        arrays("sk_digits", tmp_path)
    one_line(error)


def test_a_lock_that_is_never_freed_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LOCK_TIMEOUT", 0.2)
    with (
        filelock.FileLock(tmp_path / ".sk_digits.lock"),
        pytest.raises(DataUnavailable, match="another process") as error,
    ):
        arrays("sk_digits", tmp_path)
    one_line(error)


# Names, and sets that come over the network.


@pytest.mark.parametrize(
    ("name", "near"), [("sk_digit", "sk_digits"), ("mnst", "mnist"), ("sk_digits/x", "sk_digits")]
)
def test_an_unknown_name_brings_the_nearest(tmp_path, no_network, name, near):
    with pytest.raises(DataUnavailable, match="no data set called") as error:
        arrays(name, tmp_path)
    assert near in one_line(error).partition("called")[2].replace(repr(name), "")
    assert not list(tmp_path.iterdir())
    assert not no_network


def test_a_name_space_is_refused_before_the_network_is_asked(tmp_path, no_network):
    with pytest.raises(DataUnavailable, match="huggingface:mnist"):
        arrays("huggingface:mnist", tmp_path)
    assert not no_network


def test_a_set_that_is_not_there_is_not_fetched_unasked(tmp_path, no_network):
    with pytest.raises(DataUnavailable) as error:
        arrays("mnist", tmp_path)
    text = one_line(error)
    assert f"mnist is not in {tmp_path}" in text
    assert "`lossbench prepare mnist`" in text
    assert not no_network


def test_without_a_network_it_is_asked_once(tmp_path, no_network):
    with pytest.raises(DataUnavailable) as error:
        sizes("mnist", tmp_path, download=True)
    text = one_line(error)
    assert "no network" in text
    assert str(tmp_path / "mnist") in text
    assert no_network == ["storage.googleapis.com"]  # TFDS itself tries again for 205 s


@pytest.fixture
def small_mnist(tmp_path):
    """Ten examples under the name, version and features of mnist, in the format of TFDS."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    examples = {
        "image": np.arange(10 * 784, dtype=np.uint8).reshape(10, 28, 28, 1),
        "label": np.arange(10),
    }
    few = {key: column[:4] for key, column in examples.items()}
    tfds.dataset_builders.store_as_tfds_dataset(
        name="mnist",
        version="3.0.1",
        data_dir=tmp_path,
        features=tfds.features.FeaturesDict(
            {
                "image": tfds.features.Image(shape=(28, 28, 1)),
                "label": tfds.features.ClassLabel(num_classes=10),
            }
        ),
        split_datasets={
            "train": tf.data.Dataset.from_tensor_slices(examples),
            "test": tf.data.Dataset.from_tensor_slices(few),
        },
        disable_shuffling=True,
    )
    return tmp_path, examples


def test_a_prepared_tfds_set_is_read_without_a_network(small_mnist, no_network):
    folder, examples = small_mnist
    found = arrays("mnist", folder)
    np.testing.assert_array_equal(found["train"]["image"], examples["image"])
    np.testing.assert_array_equal(found["train"]["label"], examples["label"])
    assert len(found["test"]["label"]) == 4
    assert not no_network


def test_a_damaged_tfds_set_is_not_thrown_away(small_mnist, no_network):
    folder, _ = small_mnist
    info = folder / "mnist/3.0.1/dataset_info.json"
    info.write_text("{")
    with pytest.raises(DataUnavailable, match=r"damaged.*delete that folder") as error:
        arrays("mnist", folder)
    one_line(error)
    assert info.read_text() == "{"


def test_a_cut_tfds_record_is_named(small_mnist, no_network):
    folder, _ = small_mnist
    cut_record(folder / "mnist/3.0.1")
    with pytest.raises(DataUnavailable, match=r"damaged.*delete that folder"):
        arrays("mnist", folder)


def test_the_default_folder_is_ours(monkeypatch, tmp_path):
    monkeypatch.setenv("LOSSBENCH_DATA", str(tmp_path / "mine"))
    assert default_data_dir() == tmp_path / "mine"
    monkeypatch.delenv("LOSSBENCH_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert default_data_dir() == tmp_path / "lossbench" / "datasets"


def test_prepare_says_one_line_for_each_set(tmp_path):
    lines = []
    prepare(["sk_digits", "sk_tabular/wine"], tmp_path, say=lines.append)
    assert len(lines) == 3
    assert lines[0].startswith("sk_digits: 1245 train, 276 validation, 276 test (")
    assert lines[1].startswith("sk_tabular/wine: 107 train, 35 validation, 36 test (")
    assert str(tmp_path) in lines[2]
    assert packaged.read_prepared("sk_tabular/wine", tmp_path)


def test_prepare_without_names_is_all_that_needs_no_network(prepared, no_network):
    lines = []
    prepare((), prepared, say=lines.append)
    assert [line.partition(":")[0] for line in lines[:-1]] == [
        "sk_digits",
        "sk_photos",
        "sk_tabular/breast_cancer",
        "sk_tabular/diabetes",
        "sk_tabular/wine",
    ]
    assert not no_network


def test_prepare_stops_at_what_cannot_be_had(tmp_path, no_network):
    lines = []
    with pytest.raises(DataUnavailable, match="no network"):
        prepare(["sk_tabular/wine", "mnist", "sk_digits"], tmp_path, say=lines.append)
    assert [line.partition(":")[0] for line in lines] == ["sk_tabular/wine"]


def test_prepare_finds_a_tfds_set_that_is_there(small_mnist, no_network):
    folder, _ = small_mnist
    assert sizes("mnist", folder, download=True) == {"train": 10, "test": 4}
    assert not no_network
