"""The packaged data sets are what scikit-learn ships, split without leaks."""

from __future__ import annotations

import numpy as np
import pytest

from lossbench.datasets.core.loader import arrays
from lossbench.datasets.core.packaged import HERE, folders
from lossbench.datasets.core.unavailable import DataUnavailable


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
    for name in folders():
        folder = HERE / name
        for paper in ("README.md", "CITATIONS.bib", "TAGS.txt", "checksums.tsv"):
            assert (folder / paper).is_file(), f"{name} has no {paper}"
        assert "icence" in (folder / "README.md").read_text()


def test_tags_are_known_to_tfds():
    from tensorflow_datasets.core.dataset_metadata import valid_tags

    for name in folders():
        tags = (HERE / name / "TAGS.txt").read_text().split()
        assert tags
        assert set(tags) <= set(valid_tags())


TABLES = {
    "breast_cancer": (284, 57, 228),
    "diabetes": (265, 89, 88),
    "wine": (107, 35, 36),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_equal_scikit_learns_in_float32(name, prepared):
    from sklearn import datasets

    source = getattr(datasets, f"load_{name}")(**({"scaled": False} if name == "diabetes" else {}))
    splits = arrays(f"sk_tabular/{name}", prepared)
    assert tuple(len(split["index"]) for split in splits.values()) == TABLES[name]
    order = np.argsort(joined(splits, "index"))
    np.testing.assert_array_equal(joined(splits, "index")[order], np.arange(len(source.target)))
    for number, column in enumerate(source.feature_names):
        key = "features/" + column.replace(" ", "_").replace("/", "_")
        np.testing.assert_array_equal(
            joined(splits, key)[order], source.data[:, number].astype(np.float32)
        )
        assert splits["train"][key].dtype == np.float32
    answer = "target" if name == "diabetes" else "label"
    np.testing.assert_array_equal(joined(splits, answer)[order], source.target)


def test_a_set_of_several_needs_a_choice(prepared):
    with pytest.raises(DataUnavailable, match="choose one of sk_tabular/breast_cancer"):
        arrays("sk_tabular", prepared)
    with pytest.raises(DataUnavailable, match="choose one of sk_tabular/breast_cancer"):
        arrays("sk_tabular/iris", prepared)


@pytest.fixture(scope="module")
def photos(prepared):
    return arrays("sk_photos", prepared)


def test_patches_are_cut_from_the_photographs(photos):
    from sklearn.datasets import load_sample_image

    pixels = [load_sample_image(name) for name in ("china.jpg", "flower.jpg")]
    assert [len(split["photo"]) for split in photos.values()] == [3888, 784, 784]
    for split in photos.values():
        assert np.mean(split["photo"]) == 0.5
        for i in range(0, len(split["photo"]), 97):
            row, column = split["row"][i], split["column"][i]
            patch = pixels[split["photo"][i]][row : row + 16, column : column + 16]
            np.testing.assert_array_equal(split["image"][i], patch)


def test_no_pixel_of_a_held_out_patch_is_near_another_split(photos):
    """Around every pixel of a held-out patch, 7 pixels each way, no other split has any."""
    owners = np.zeros((3, 2, 427 + 16, 640 + 16), bool)
    for number, split in enumerate(photos.values()):
        for photo, row, column in zip(split["photo"], split["row"], split["column"], strict=True):
            grow = 0 if number == 0 else 8
            owners[
                number,
                photo,
                8 + row - grow : 8 + row + 16 + grow,
                8 + column - grow : 8 + column + 16 + grow,
            ] = True
    train, validation, test = owners
    assert not (train & validation).any()
    assert not (train & test).any()
    assert not (validation & test).any()
