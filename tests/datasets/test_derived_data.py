"""Overlays and marks are what they claim, and stay inside their split."""

from __future__ import annotations

import numpy as np
import pytest
from lossbench.datasets import shortcut, two_digits
from lossbench.datasets.core.digits import digits


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
    canvas = two_digits.overlay(left, right)
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
