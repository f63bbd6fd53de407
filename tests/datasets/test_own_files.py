"""Image sets from files that are already here, whatever their packing."""

from __future__ import annotations

import gzip
import hashlib
import struct

import numpy as np
import pytest
from tensorflow_datasets.image_classification import mnist

from lossbench.bench.cli.main import main
from lossbench.datasets import arrays
from lossbench.datasets.core import own_files
from lossbench.datasets.core.prepare import prepare
from lossbench.datasets.core.unavailable import DataUnavailable

COUNTS = {"train": 30, "t10k": 20}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Four small files of invented clothes, which stand for the real ones."""
    random, folder, contents = np.random.default_rng(0), tmp_path / "files", {}
    folder.mkdir()
    for split, count in COUNTS.items():
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = random.integers(0, 256, (count, 28, 28)).astype(np.uint8)
        for name, array, magic in (
            (f"{split}-labels-idx1-ubyte.gz", labels, 2049),
            (f"{split}-images-idx3-ubyte.gz", images, 2051),
        ):
            head = struct.pack(f">I{array.ndim}I", magic, *array.shape)
            content = head + array.tobytes()
            contents[name] = hashlib.sha256(content).hexdigest()
            (folder / name).write_bytes(gzip.compress(content, compresslevel=1, mtime=7))
    monkeypatch.setattr(own_files, "CONTENTS", {"fashion_mnist": contents})
    monkeypatch.setattr(mnist, "_TRAIN_EXAMPLES", COUNTS["train"])
    monkeypatch.setattr(mnist, "_TEST_EXAMPLES", COUNTS["t10k"])
    return folder


def refused(capsys, *arguments):
    assert main(["prepare", *map(str, arguments)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


def test_a_set_is_prepared_without_a_network(files, tmp_path, no_network, capsys):
    data = tmp_path / "data"
    arguments = ["fashion_mnist", "--from", str(files), "--data-dir", str(data)]
    assert main(["prepare", *arguments]) == 0
    assert "fashion_mnist: 30 train, 20 test" in capsys.readouterr().out
    assert not no_network
    splits = arrays("fashion_mnist", data)
    assert sorted(splits["test"]["label"].tolist()) == sorted(2 * list(range(10)))
    content = gzip.decompress((files / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    images = np.frombuffer(content, np.uint8).reshape(20, 28, 28)
    there = {image.tobytes() for image in splits["test"]["image"][..., 0]}
    assert there == {image.tobytes() for image in images}
    assert not list(data.glob(".files-*"))


def test_unpacked_files_will_do(files, tmp_path):
    for path in list(files.iterdir()):
        (files / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    prepare(["fashion_mnist"], tmp_path / "data", source=files, say=lambda line: None)
    assert len(arrays("fashion_mnist", tmp_path / "data")["train"]["label"]) == 30


def cut(path):
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-1]))


def other(path):
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))


def broken(path):
    path.write_bytes(path.read_bytes()[:-20])


def labels_for_images(path):
    path.write_bytes(path.with_name("train-labels-idx1-ubyte.gz").read_bytes())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, "is no whole file of images"),
        (other, "holds other data than fashion_mnist: unpacked, its SHA-256 is"),
        (broken, "can't be unpacked"),
        (labels_for_images, "is no whole file of images"),
        (lambda path: path.unlink(), "lacks train-images-idx3-ubyte.gz"),
    ],
)
def test_other_files_are_refused_and_nothing_is_left(files, tmp_path, capsys, damage, message):
    damage(files / "train-images-idx3-ubyte.gz")
    data = tmp_path / "data"
    line = refused(capsys, "fashion_mnist", "--from", files, "--data-dir", data)
    assert message in line
    assert not data.exists()


def test_what_can_not_come_from_files_is_said(files, tmp_path, capsys):
    data = tmp_path / "data"
    for arguments, message in (
        (("cifar10", "--from", files), "can't be prepared with --from"),
        (("fashion_mnist", "--from", tmp_path / "nowhere"), "there is no such folder"),
        (("--from", files), "0 are named: name one"),
        (("mnist", "kmnist", "--from", files), "2 are named: name one"),
        (("fashion_minst", "--from", files), "did you mean fashion_mnist"),
        (("mnist", "--from", files), "is not the file that TFDS knows for mnist"),
    ):
        assert message in refused(capsys, *arguments, "--data-dir", data)
    assert not data.exists()
    with pytest.raises(DataUnavailable, match="can't be prepared with --from"):
        own_files.prepare_from("dsprites", data, files)
