"""The problems that steps are timed on: the reference model, and one of any size.

`reference_K`: a 64-128-64 trunk on the 8x8 digits with K heads (10 classes, the 64 pixels, then the
label modulo 2, 3, ...), batch 64, Adam. `grown_K_W`: two dense layers of width W and K heads of 10
classes each, so that only the number of losses or of parameters changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...datasets.core.losses import cross_entropy
from ...datasets.core.task import Head, Task
from ..plan import tasks

if TYPE_CHECKING:
    import keras


BATCH, EXAMPLES, CLASSES = 64, 1280, 10
DEFAULT = ("reference_2", "reference_3")
PATTERNS = {"reference": r"reference_(\d+)", "grown": r"grown_(\d+)_(\d+)"}


def get(name: str) -> Task:
    """A problem of this file by its name, else lossbench's task of that name or file.

    Raises:
        ValueError: there is none, with the nearest task.

    Example:
        >>> [head.name for head in get("reference_3").heads]
        ['label', 'pixels', 'modulo_2']
    """
    if found := re.fullmatch(PATTERNS["reference"], name):
        return reference(at_least_one(name, found[1]))
    if found := re.fullmatch(PATTERNS["grown"], name):
        return grown(at_least_one(name, found[1]), at_least_one(name, found[2]))
    return tasks.get(name)


def at_least_one(name: str, number: str) -> int:
    """A number in the name of a problem."""
    if int(number) < 1:
        raise ValueError(f"{name}: the number of losses and the width are at least 1")
    return int(number)


def reference(num_heads: int) -> Task:
    """The reference model with its first K heads."""

    def arrays() -> dict[str, np.ndarray]:
        x, label = _digits()
        return {"x": x, "label": label} | {f"modulo_{k}": label % k for k in range(2, num_heads)}

    def model() -> keras.Model:
        import keras

        x = keras.Input((64,))
        trunk = keras.layers.Dense(64, "relu")(keras.layers.Dense(128, "relu")(x))
        return keras.Model(x, {name: keras.layers.Dense(size)(trunk) for name, size in sizes})

    def pixels(outputs, batch):
        import tensorflow as tf

        return tf.square(outputs["pixels"] - batch["x"])

    sizes = [("label", CLASSES), ("pixels", 64), *((f"modulo_{k}", k) for k in range(2, num_heads))]
    sizes = sizes[:num_heads]
    heads = [
        Head(name, pixels if name == "pixels" else cross_entropy(name, name)) for name, _ in sizes
    ]
    return _task(f"reference_{num_heads}", "reference model of the timings", heads, model, arrays)


def grown(num_heads: int, width: int) -> Task:
    """Two dense layers of a width and K heads of 10 classes: labels shifted by k."""

    def arrays() -> dict[str, np.ndarray]:
        x, label = _digits()
        return {"x": x} | {f"head_{k}": (label + k) % CLASSES for k in range(num_heads)}

    def model() -> keras.Model:
        import keras

        x = keras.Input((64,))
        trunk = keras.layers.Dense(width, "relu")(keras.layers.Dense(width, "relu")(x))
        heads = {f"head_{k}": keras.layers.Dense(CLASSES)(trunk) for k in range(num_heads)}
        return keras.Model(x, heads)

    heads = [Head(f"head_{k}", cross_entropy(f"head_{k}", f"head_{k}")) for k in range(num_heads)]
    name = f"grown_{num_heads}_{width}"
    return _task(name, f"{num_heads} losses on a trunk of width {width}", heads, model, arrays)


def width_of(parameters: int, num_heads: int) -> int:
    """The width at which `grown` has about so many parameters: w**2 + (66 + 10 K) w + 10 K = P."""
    linear = 66 + CLASSES * num_heads
    return max(1, round((np.sqrt(linear**2 + 4 * parameters) - linear) / 2))


def _task(
    name: str,
    summary: str,
    heads: list[Head],
    model: Callable[[], keras.Model],
    arrays: Callable[[], Mapping[str, np.ndarray]],
) -> Task:
    return Task(
        summary=summary,
        source="",
        dataset="",
        data=lambda folder: dict.fromkeys(("train", "validation", "test"), arrays()),
        model=model,
        heads=tuple(heads),
        primary="",
        steps=1000,
        batch_size=BATCH,
        name=name,
    )


def _digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = (digits.data / 16).astype(np.float32)[:EXAMPLES]
    return x, digits.target.astype(np.int32)[:EXAMPLES]
