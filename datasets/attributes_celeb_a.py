"""Forty attributes of a face, forty losses on one trunk: what many losses ask of a strategy."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from .core.convolution import encoder
from .core.loader import arrays
from .core.losses import binary_cross_entropy
from .core.metrics import area_under_curve, mean_of
from .core.pictures import read_only
from .core.task import Head, Task
from .core.transforms import flat

if TYPE_CHECKING:
    from .core.reading import Columns

DATASET = "celeb_a"
SIDE = 32
TOP = 20  # of 218 rows; the 178 below it and all 178 columns make a square around the face
# Of 162,770, 19,867 and 19,962. The pictures as TFDS holds them take 23 GB, and all of them at
# 32x32 as float32 2.5 GB in every worker. TFDS writes records in an order hashed from their names,
# so the first ones are a sample, the same for everyone; no person is in two splits.
EXAMPLES = {"train": 30_000, "validation": 2_000, "test": 8_000}
# fmt: off
ATTRIBUTES = (
    "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs",
    "Big_Lips", "Big_Nose", "Black_Hair", "Blond_Hair", "Blurry", "Brown_Hair", "Bushy_Eyebrows",
    "Chubby", "Double_Chin", "Eyeglasses", "Goatee", "Gray_Hair", "Heavy_Makeup",
    "High_Cheekbones", "Male", "Mouth_Slightly_Open", "Mustache", "Narrow_Eyes", "No_Beard",
    "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks", "Sideburns",
    "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat",
    "Wearing_Lipstick", "Wearing_Necklace", "Wearing_Necktie", "Young",
)
# fmt: on


def face(example: Mapping[str, Any]) -> dict[str, tf.Tensor]:
    """The square around a face at 32x32, uint8, and its attributes (40,), 0 or 1."""
    square = tf.cast(example["image"][TOP : TOP + 178], tf.float32)
    small = tf.image.resize(square, (SIDE, SIDE), "area")
    attributes = tf.stack([example["attributes"][name] for name in ATTRIBUTES])
    return {
        "image": tf.cast(tf.round(small), tf.uint8),
        "attributes": tf.cast(attributes, tf.uint8),
    }


@functools.lru_cache(maxsize=1)  # a worker trains one cell of a task after the other
def faces(folder: Path) -> Columns:
    """Pictures and attributes of the sample, 123 MB; nobody may write to what is shared."""
    return read_only(arrays(DATASET, folder, limit=EXAMPLES, each=face))


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 3072) in [0, 1]; for each attribute 0 or 1 (N, 1)."""
    return {
        split: {
            "x": flat(columns["image"]) / np.float32(255),
            **{
                name: columns["attributes"][:, [k]].astype(np.int32)
                for k, name in enumerate(ATTRIBUTES)
            },
        }
        for split, columns in faces(folder).items()
    }


def model() -> keras.Model:
    """Two convolutions and a hidden layer of 64, a linear head for each attribute."""
    x = keras.Input((SIDE * SIDE * 3,), name="x")
    hidden = keras.layers.Dense(64, "relu", name="trunk")(encoder(x, (SIDE, SIDE, 3)))
    return keras.Model(x, {name: keras.layers.Dense(1, name=name)(hidden) for name in ATTRIBUTES})


AREAS = {name: area_under_curve(name, name) for name in ATTRIBUTES}
# Judged by one attribute, a strategy would win by neglecting the others.
MEAN = mean_of("mean_auc", *AREAS.values())

task = Task(
    summary="Forty attributes of a face: many losses, rare and frequent, easy and hard ones.",
    source="CelebA (Liu et al. 2015), as multi-task learning in Sener and Koltun 2018",
    situation="many losses",
    dataset=DATASET,
    data=data,
    model=model,
    heads=tuple(
        Head(
            name,
            binary_cross_entropy(name, name),
            weight=1 / len(ATTRIBUTES),
            metrics=(AREAS[name], MEAN) if name == ATTRIBUTES[0] else (AREAS[name],),
        )
        for name in ATTRIBUTES
    ),
    primary=f"{ATTRIBUTES[0]}/mean_auc",
    steps=3000,
    batch_size=64,
    learning_rate=2e-3,
    networked=True,
    referenced=False,
)
