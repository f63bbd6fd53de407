"""Small data sets in the format of TFDS under the names of large ones, with their features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

SETS = ("mnist", "fashion_mnist", "kmnist", "cifar10", "dsprites", "celeb_a")
SPLITS = {"train": 600, "test": 80}
SIZES = {  # of those sets that have other splits
    "dsprites": {"train": 480},
    "celeb_a": {"train": 120, "validation": 40, "test": 40},
}


def write(name: str, folder: Path, splits: dict[str, int] | None = None) -> None:
    """Records of invented pictures where `lossbench prepare` would put the real ones.

    Features and version are those of the builder that TFDS ships, so what reads the real set reads
    this one. A picture is the pattern of its class and noise: a network can learn it.
    """
    import tensorflow as tf
    import tensorflow_datasets as tfds

    real = tfds.builder(name, data_dir=str(folder))
    splits = splits or SIZES.get(name, SPLITS)
    invent = {"dsprites": sprites, "celeb_a": faces}.get(name, pictures)
    tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version=str(real.version),
        data_dir=folder,
        features=real.info.features,
        split_datasets={
            split: tf.data.Dataset.from_tensor_slices(invent(number, count, real.info.features))
            for number, (split, count) in enumerate(splits.items())
        },
        disable_shuffling=True,
    )


def pictures(number: int, count: int, features) -> dict[str, np.ndarray]:
    """Pictures (N, height, width, channels) of ten classes, an equal share of each."""
    shape = features["image"].shape
    patterns = np.random.default_rng(1).integers(0, 200, (10, *shape))
    random = np.random.default_rng([2, number])
    label = np.arange(count) % 10
    columns = {
        "image": (patterns[label] + random.integers(0, 56, (count, *shape))).astype(np.uint8),
        "label": label,
    }
    if "id" in features:
        columns["id"] = np.array([f"{number}_{row}" for row in range(count)])
    return columns


def sprites(number: int, count: int, features) -> dict[str, np.ndarray]:
    """Blocks that do not depend on the orientation: pictures that look alike occur."""
    random = np.random.default_rng([3, number])
    sizes = {
        name.removeprefix("label_"): feature.num_classes
        for name, feature in features.items()
        if name.startswith("label_")
    }
    factors = {name: random.integers(size, size=count) for name, size in sizes.items()}
    factors["orientation"][: count // 8] = 39  # a whole turn
    image = np.zeros((count, 64, 64, 1), np.uint8)
    for picture, shape, scale, x, y in zip(
        image,
        *(factors[key] for key in ("shape", "scale", "x_position", "y_position")),
        strict=True,
    ):
        picture[y : y + 4 + 4 * scale, x : x + 8 + 8 * shape] = 1
    # The last ones are the first of those with an orientation of their own, turned to another.
    image[-20:] = image[count // 8 : count // 8 + 20]
    labels = {f"label_{name}": values for name, values in factors.items()}
    values = {f"value_{name}": values.astype(np.float32) for name, values in factors.items()}
    return {"image": image, **labels, **values}


def faces(number: int, count: int, features) -> dict[str, Any]:
    """Noise whose attribute k brightens row k of a grid of 40 patches: a network can learn it."""
    random = np.random.default_rng([4, number])
    names = list(features["attributes"])
    attributes = random.integers(2, size=(count, len(names)))
    attributes[:2] = [[0], [1]]  # every attribute has both values in every split
    image = random.integers(0, 100, (count, *features["image"].shape), dtype=np.uint8)
    for k in range(len(names)):
        row, column = divmod(k, 5)
        patch = (slice(20 + 22 * row, 42 + 22 * row), slice(35 * column, 35 * column + 35))
        image[:, *patch] += (150 * attributes[:, k]).astype(np.uint8)[:, None, None, None]
    return {
        "image": image,
        "attributes": {name: attributes[:, k].astype(bool) for k, name in enumerate(names)},
        "identity": {"Identity_No": np.arange(count)},
        "landmarks": {name: np.zeros(count, np.int64) for name in features["landmarks"]},
    }
