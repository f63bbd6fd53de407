"""The packaged data sets are what scikit-learn ships, split without leaks."""

from __future__ import annotations

import numpy as np
import pytest
from lossbench.datasets.core.loader import arrays, packaged


@pytest.fixture(scope="module")
def digits(prepared):
    return arrays("sk_digits", prepared)


def joined(splits, key):
    return np.concatenate([splits[name][key] for name in splits])


def test_digits_equal_scikit_learns_bit_for_bit(digits):
    from sklearn.datasets import load_digits

    source = load_digits()
    order = np.argsort(joined(digits, "index"))
    np.testing.assert_array_equal(joined(digits, "index")[order], np.arange(1797))
    np.testing.assert_array_equal(joined(digits, "image")[order][..., 0], source.images)
    np.testing.assert_array_equal(joined(digits, "label")[order], source.target)


def test_digits_are_split_by_whole_blocks(digits):
    blocks = {name: set(split["block"].tolist()) for name, split in digits.items()}
    assert blocks == {"train": set(range(9)), "validation": {9, 10}, "test": {11, 12}}
    assert {name: len(split["label"]) for name, split in digits.items()} == {
        "train": 1245,
        "validation": 276,
        "test": 276,
    }
    np.testing.assert_array_equal(joined(digits, "block"), joined(digits, "index") * 13 // 1797)


def test_digits_have_the_types_of_tfds_pictures(digits):
    train = digits["train"]
    assert train["image"].shape == (1245, 8, 8, 1)
    assert train["image"].dtype == np.uint8
    assert train["image"].max() == 16
    assert train["image"].min() == 0
    assert set(train["label"].tolist()) == set(range(10))


def test_tfds_loads_a_packaged_set_by_name(prepared, digits):
    import tensorflow_datasets as tfds

    dataset, info = tfds.load(
        "sk_digits", split="train[:10%]", data_dir=str(prepared), download=False, with_info=True
    )
    images = np.stack([example["image"] for example in tfds.as_numpy(dataset)])
    np.testing.assert_array_equal(images, digits["train"]["image"][: len(images)])
    assert len(images) == round(0.1 * 1245)
    assert "CC BY" in info.redistribution_info.license
    assert "scikit-learn" in info.description
    assert "alpaydin" in info.citation


def test_every_packaged_set_has_its_papers():
    from lossbench.datasets.core import loader

    for name in packaged():
        folder = loader._HERE / name
        for paper in ("README.md", "CITATIONS.bib", "TAGS.txt", "checksums.tsv"):
            assert (folder / paper).is_file(), f"{name} has no {paper}"
        assert "icence" in (folder / "README.md").read_text()


def test_tags_are_known_to_tfds():
    from lossbench.datasets.core import loader
    from tensorflow_datasets.core.dataset_metadata import valid_tags

    for name in packaged():
        tags = (loader._HERE / name / "TAGS.txt").read_text().split()
        assert tags
        assert set(tags) <= set(valid_tags())
