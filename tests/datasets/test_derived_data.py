"""Overlays and marks are what they claim, and stay inside their split."""

from __future__ import annotations

import numpy as np
import pytest

from lossbench.datasets import (
    moments,
    photo,
    robust,
    shortcut,
    shortcut_agreeing,
    smooth,
    subset,
    two_digits,
    units,
    writer,
)
from lossbench.datasets.core.digits import digits
from lossbench.datasets.core.transforms import overlay


@pytest.fixture(scope="module")
def source(prepared):
    return digits(prepared)


def rows_of(pictures):
    return {picture.tobytes() for picture in np.ascontiguousarray(pictures)}


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_pairs_are_drawn_inside_their_split(split, source, prepared):
    canvas = two_digits.task.data(prepared)[split]["x"].reshape(-1, 10, 10)
    # The first two rows show the left digit alone, the last two the right digit alone.
    own = source[split]["image"]
    assert rows_of(canvas[:, :2, :8]) <= rows_of(own[:, :2])
    assert rows_of(canvas[:, 8:, 2:]) <= rows_of(own[:, 6:])
    others = np.concatenate([source[name]["image"] for name in source if name != split])
    assert not rows_of(canvas[:, :2, :8]) <= rows_of(others[:, :2])


def test_a_canvas_is_the_brighter_of_both_digits(source):
    left, right = source["train"]["image"][:1], source["train"]["image"][1:2]
    canvas = overlay(left, right, 2)
    assert canvas.shape == (1, 10, 10)
    np.testing.assert_array_equal(canvas[0, :2, :8], left[0, :2])
    np.testing.assert_array_equal(canvas[0, 8:, 2:], right[0, 6:])
    np.testing.assert_array_equal(
        canvas[0, 2:8, 2:8], np.maximum(left[0, 2:, 2:], right[0, :6, :6])
    )
    assert not canvas[0, :2, 8:].any()
    assert not canvas[0, 8:, :2].any()


def test_labels_follow_the_pictures(source, prepared):
    pairs = two_digits.task.data(prepared)["test"]
    known = {}
    for image, label in zip(source["test"]["image"], source["test"]["label"], strict=True):
        known.setdefault(image[:2].tobytes(), set()).add(int(label))
    for canvas, label in zip(pairs["x"].reshape(-1, 10, 10), pairs["left"], strict=True):
        assert int(label) in known[np.ascontiguousarray(canvas[:2, :8]).tobytes()]


def test_the_mark_is_where_it_says(prepared):
    for arrays in shortcut.task.data(prepared).values():
        framed = arrays["x"].reshape(-1, 10, 10)
        expected = np.eye(10, dtype=np.float32)[arrays["mark"]]
        np.testing.assert_array_equal(framed[:, 0], expected)
        np.testing.assert_array_equal(framed[:, -1], expected)
        assert not framed[:, 1:-1, [0, -1]].any()


def test_the_mark_betrays_the_digit_in_training_only(prepared):
    agreement = {
        split: float(np.mean(arrays["mark"] == arrays["digit"]))
        for split, arrays in shortcut.task.data(prepared).items()
    }
    assert agreement["train"] == pytest.approx(0.955, abs=0.02)
    assert agreement["validation"] == pytest.approx(0.1, abs=0.03)
    assert agreement["test"] == pytest.approx(0.1, abs=0.03)


def test_where_nobody_knows_of_the_mark_it_betrays_the_digit_in_validation_too(prepared):
    known, unknown = shortcut.task.data(prepared), shortcut_agreeing.task.data(prepared)
    for split in ("train", "test"):
        np.testing.assert_array_equal(known[split]["x"], unknown[split]["x"])
    arrays = unknown["validation"]
    assert np.mean(arrays["mark"] == arrays["digit"]) == pytest.approx(0.955, abs=0.02)
    np.testing.assert_array_equal(arrays["digit"], known["validation"]["digit"])


def test_labels_are_missing_in_training_only(source, prepared):
    splits = subset.task.data(prepared)
    seen = {
        split: np.concatenate([arrays[f"{head}_seen"] for head in subset.COLUMNS], axis=1)
        for split, arrays in splits.items()
    }
    assert seen["train"].mean() == pytest.approx(0.15, abs=0.01)
    assert (seen["validation"] == 1).all()
    assert (seen["test"] == 1).all()
    truth = np.eye(10)[source["train"]["label"]]
    for head, columns in subset.COLUMNS.items():
        known = splits["train"][f"{head}_seen"] > 0
        np.testing.assert_array_equal(splits["train"][head][known], truth[:, columns][known])
        assert not splits["train"][head][~known].any(), "an unseen label shows"


def test_no_input_of_units_gives_the_area_away(prepared):
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer()
    forbidden = [
        i
        for i, name in enumerate(table.feature_names)
        if any(word in name for word in ("area", "radius", "perimeter")) or name == "worst texture"
    ]
    x = np.concatenate([arrays["x"] for arrays in units.task.data(prepared).values()])
    for column in forbidden:
        correlation = [
            abs(np.corrcoef(np.sort(x[:, i]), np.sort(table.data[:, column]))[0, 1])
            for i in range(x.shape[1])
        ]
        assert max(correlation) < 1 - 1e-9, table.feature_names[column]
    assert x.shape[1] == 20


def test_units_has_losses_of_its_three_sizes(prepared):
    train = units.task.data(prepared)["train"]
    assert np.mean(train["area"] ** 2) == pytest.approx(3e5, rel=0.3)
    assert np.mean(train["texture"] ** 2) == pytest.approx(36, rel=0.3)
    assert train["x"].mean(0) == pytest.approx(np.zeros(20), abs=1e-6)
    assert train["x"].std(0) == pytest.approx(np.ones(20), abs=1e-5)


def test_only_training_targets_have_outliers(prepared):
    from sklearn.datasets import load_diabetes

    splits = robust.task.data(prepared)
    largest = load_diabetes().target
    largest = (largest.max() - largest.mean()) / largest.std()
    far = {split: int((arrays["target"] > largest + 0.5).sum()) for split, arrays in splits.items()}
    assert far == {"train": round(0.15 * 265), "validation": 0, "test": 0}


def test_every_split_of_writer_has_every_block(source, prepared):
    splits = writer.task.data(prepared)
    total = sum(len(arrays["block"]) for arrays in splits.values())
    assert total == 1797
    for split, share in (("train", 0.6), ("validation", 0.2), ("test", 0.2)):
        counts = np.bincount(splits[split]["block"], minlength=13)
        assert counts / (1797 / 13) == pytest.approx(np.full(13, share), abs=0.02)


def test_noise_of_photo_is_in_the_input_alone(prepared):
    arrays = photo.task.data(prepared)["test"]
    noise = arrays["x"] - arrays["grey"]
    assert noise.std() == pytest.approx(0.15, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.002)
    assert arrays["grey"].min() >= 0
    assert arrays["grey"].max() <= 1


def test_edges_are_the_slope():
    ramp = np.arange(16.0)[None, :, None] * 3 + np.arange(16.0)[None, None, :] * 4
    assert photo.edges(ramp) == pytest.approx(np.full((1, 16, 16), 5.0))


def test_grey_has_no_chroma():
    assert photo.CHROMA @ np.ones(3) == pytest.approx([0, 0], abs=1e-9)
    assert photo.LUMA.sum() == pytest.approx(1)


def test_few_digits_are_labelled_and_each_comes_with_fresh_noise(source, prepared):
    splits = smooth.task.data(prepared)
    train = splits["train"]["x"]
    assert train.shape == (4000, 128)
    assert len(rows_of(train[:, :64])) == 200
    assert rows_of(train[:, :64]) <= rows_of(source["train"]["image"].reshape(-1, 64))
    assert len(rows_of(train)) == 4000
    for arrays in splits.values():
        noise = arrays["x"][:, 64:] - arrays["x"][:, :64]
        assert noise.std() == pytest.approx(0.3, rel=0.02)


def test_draws_of_moments_are_standard_normal(prepared):
    for split, arrays in moments.task.data(prepared).items():
        np.testing.assert_array_equal(arrays["x"][:, :64], arrays["pixels"])
        draws = arrays["x"][:, 64:]
        assert draws.mean() == pytest.approx(0, abs=0.05), split
        assert draws.std() == pytest.approx(1, abs=0.05), split
