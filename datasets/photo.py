"""Four things to say about a noisy patch of a photograph: dense losses of several kinds."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.loader import arrays
from .core.losses import cross_entropy, squared_error
from .core.metrics import accuracy, r2, root_mean_squared_error
from .core.task import SPLITS, Head, Task
from .core.transforms import flat, generator

DATASET = "sk_photos"
SEED = 6
PIXELS = 256
NOISE = 0.15  # standard deviation, on grey values in [0, 1]
# ITU-R BT.601: grey, and the two colour differences
LUMA = np.array([0.299, 0.587, 0.114])
CHROMA = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])


def edges(grey: np.ndarray) -> np.ndarray:
    """Length of the gradient of pictures (N, height, width), by central differences."""
    return np.hypot(*np.gradient(grey, axis=(1, 2)))


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 256): grey and noise; grey and edges (N, 256), chroma (N, 2), photo (N,).

    Grey and edges are those of the clean patch, chroma its mean colour differences Cb and Cr.
    """
    source = arrays(DATASET, folder)
    splits = {}
    for split in SPLITS:
        colours = source[split]["image"] / 255.0
        grey = colours @ LUMA
        noise = generator(SEED, split).normal(0, NOISE, grey.shape)
        splits[split] = {
            "x": flat(grey + noise),
            "grey": flat(grey),
            "edges": flat(edges(grey)),
            "chroma": (colours.mean((1, 2)) @ CHROMA.T).astype(np.float32),
            "photo": source[split]["photo"].astype(np.int32),
        }
    return splits


def model() -> keras.Model:
    """256 -> 64 -> 16, four linear heads.

    GELU, since with ReLU all 16 units die when the small loss of the edges trains the trunk alone.
    """
    x = keras.Input((PIXELS,), name="x")
    hidden = keras.layers.Dense(64, "gelu", name="trunk_1")(x)
    hidden = keras.layers.Dense(16, "gelu", name="trunk_2")(hidden)
    sizes = {"grey": PIXELS, "edges": PIXELS, "chroma": 2, "photo": 2}
    return keras.Model(
        x, {name: keras.layers.Dense(size, name=name)(hidden) for name, size in sizes.items()}
    )


task = Task(
    summary="Denoise a patch, find its edges, guess its colour and its photograph: four losses.",
    source="dense multi-task learning, as in Liu et al. 2019 (arXiv 1803.10704), on packaged data",
    situation="many losses",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "grey",
            squared_error("grey", "grey"),
            weight=1.0,
            metrics=(root_mean_squared_error("grey", "grey", chance=0.3628),),
        ),
        Head(
            "edges",
            squared_error("edges", "edges"),
            weight=1.0,
            metrics=(root_mean_squared_error("edges", "edges", chance=0.0547),),
        ),
        Head(
            "chroma",
            squared_error("chroma", "chroma"),
            weight=10.0,
            metrics=(r2("chroma", "chroma", chance=-0.0337),),
        ),
        Head(
            "photo",
            cross_entropy("photo", "photo"),
            weight=0.1,
            metrics=(accuracy("photo", "photo", chance=0.5),),
        ),
    ),
    primary="grey/rmse",
    steps=2000,
    batch_size=64,
    learning_rate=3e-3,
)
