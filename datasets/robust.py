"""One output, two losses, and training targets with outliers: which loss should rule?"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from .core.loader import arrays
from .core.losses import absolute_error, squared_error
from .core.metrics import mean_absolute_error, root_mean_squared_error
from .core.tables import inputs, standardised
from .core.task import Head, Task
from .core.transforms import generator

DATASET = "sk_tabular/diabetes"
SEED = 4
OUTLIERS = 0.15  # share of the training targets
SHIFT = 6.0  # of an outlier, in standard deviations


def data(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """x (N, 10), target (N, 1) in standard deviations of the clean training targets."""
    splits = arrays(DATASET, folder)
    x = inputs(splits)
    target = standardised({split: part["target"][:, None] for split, part in splits.items()})
    order = generator(SEED, "train").permutation(len(target["train"]))
    target["train"][order[: round(OUTLIERS * len(order))]] += SHIFT
    return {split: {"x": x[split], "target": target[split]} for split in splits}


def model() -> keras.Model:
    """10 -> 16 tanh -> 1."""
    x = keras.Input((10,), name="x")
    hidden = keras.layers.Dense(16, "tanh", name="trunk_1")(x)
    return keras.Model(x, {"target": keras.layers.Dense(1, name="target")(hidden)})


task = Task(
    summary="Squared and absolute error of one output whose training targets have outliers.",
    source="document 003 (mean squared and mean absolute error together, 1e-6, 0.2 and 0.8)",
    dataset=DATASET,
    data=data,
    model=model,
    heads=(
        Head(
            "squared",
            squared_error("target", "target"),
            weight=0.2,
            metrics=(root_mean_squared_error("target", "target", chance=1.268),),
        ),
        Head(
            "absolute",
            absolute_error("target", "target"),
            weight=0.8,
            metrics=(mean_absolute_error("target", "target", chance=0.7757),),
        ),
    ),
    primary="squared/rmse",
    steps=1000,
    batch_size=32,
    learning_rate=2e-3,
)
