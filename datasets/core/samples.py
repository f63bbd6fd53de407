"""Pictures of what tasks on images show a network and what they ask of it, for `TASKS.md`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .packaged import HERE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .task import Arrays, Splits

COLUMNS = 8  # examples of the training split, spread over it
INK, PAPER = "#1b1f24", "#ffffff"


@dataclasses.dataclass(frozen=True)
class Picture:
    """How to show a task.

    Attributes:
        caption: what is seen.
        rows: name to a function from arrays to images (N, height, width), dark to bright.
        label: arrays and the number of an example -> what is written below it.
    """

    caption: str
    rows: Mapping[str, Callable[[Arrays], np.ndarray]]
    label: Callable[[Arrays, int], str]


def _square(key: str, side: int, start: int = 0) -> Callable[[Arrays], np.ndarray]:
    """Images out of a flat column."""
    return lambda arrays: arrays[key][:, start : start + side * side].reshape(-1, side, side)


def _seen(arrays: Arrays, row: int) -> str:
    """The classes of `subset` whose label is known: + or -."""
    columns = {"zero": [0], "two": [2], "rest": [1, 3, 4, 5, 6, 7, 8, 9]}
    known = {
        digit: "+" if arrays[head][row, k] else "-"
        for head, digits in columns.items()
        for k, digit in enumerate(digits)
        if arrays[f"{head}_seen"][row, k]
    }
    return " ".join(f"{known[digit]}{digit}" for digit in sorted(known)) or "none"


PICTURES = {
    "autoencode": Picture(
        "Digits; below each its label, and the picture itself is the other target",
        {"x": _square("x", 8)},
        lambda arrays, row: str(arrays["label"][row]),
    ),
    "moments": Picture("Digits to reconstruct", {"x": _square("x", 8)}, lambda arrays, row: ""),
    "photo": Picture(
        "Noisy patches; what they are without noise; the edges of that; below, the photograph",
        {
            "x": _square("x", 16),
            "grey": _square("grey", 16),
            "edges": _square("edges", 16),
        },
        lambda arrays, row: ("china", "flower")[arrays["photo"][row]],
    ),
    "shortcut": Picture(
        "Digits with a mark above and below, whose column tells the label in training; "
        "below, label and mark",
        {"x": _square("x", 10)},
        lambda arrays, row: f"{arrays['digit'][row]}, mark {arrays['mark'][row]}",
    ),
    "smooth": Picture(
        "Digits, and the same digits with the noise that should not matter; below, the label",
        {"x": _square("x", 8), "noisy": _square("x", 8, 64)},
        lambda arrays, row: str(arrays["digit"][row]),
    ),
    "subset": Picture(
        "Digits; below each the labels that are known: it is (+) or is not (-) that digit",
        {"x": _square("x", 8)},
        _seen,
    ),
    "two_digits": Picture(
        "Two digits on one canvas; below, the left and the right one",
        {"x": _square("x", 10)},
        lambda arrays, row: f"{arrays['left'][row]} and {arrays['right'][row]}",
    ),
    "writer": Picture(
        "Digits; below, label and block of writers",
        {"x": _square("x", 8)},
        lambda arrays, row: f"{arrays['digit'][row]}, block {arrays['block'][row]}",
    ),
}


def path(name: str) -> Path:
    """Where the picture of a task lies."""
    return HERE / "pictures" / f"{name}.png"


def write(data: Mapping[str, Splits]) -> None:
    """Draw the pictures of these tasks from their training splits."""
    from matplotlib.figure import Figure

    path("").parent.mkdir(exist_ok=True)
    for name, splits in data.items():
        picture, arrays = PICTURES[name], splits["train"]
        chosen = np.linspace(0, len(arrays["x"]) - 1, COLUMNS).astype(int)
        figure = Figure(figsize=(COLUMNS * 0.8, len(picture.rows) * 0.8 + 0.3), facecolor=PAPER)
        grid = figure.subplots(len(picture.rows), COLUMNS, squeeze=False)
        for axes, (row, images) in zip(grid, picture.rows.items(), strict=True):
            shown = images(arrays)[chosen]
            for axis, image in zip(axes, shown, strict=True):
                # Noise goes beyond [0, 1]; edges are dim. Each row has one scale.
                _draw(axis, image, *((shown.min(), shown.max()) if row == "edges" else (0, 1)))
            axes[0].set_ylabel(row, fontsize=8, color=INK)
        for axis, example in zip(grid[-1], chosen, strict=True):
            axis.set_xlabel(picture.label(arrays, example), fontsize=7, color=INK)
        figure.subplots_adjust(0.05, 0.3 / figure.get_figheight(), 0.995, 0.99, 0.08, 0.06)
        figure.savefig(path(name), dpi=110, metadata={"Software": None})


def _draw(axis: Axes, image: np.ndarray, low: float, high: float) -> None:
    axis.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(False)
