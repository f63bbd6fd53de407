"""One output, two losses, and training targets with outliers: which loss should rule?

The squared error alone learns little here, at any rate, and that is the point: 15 % of the training
targets are 6 standard deviations too high, so what it converges to is 0.9 too high everywhere. An
rmse below about 1.15 on the clean test targets means that it was stopped on the way; a constant
reaches 1.268. The absolute error is nearly free of that. The learning rate is one at which the
absolute error has converged and the squared one has not fitted single outliers yet: at 2e-3 it
does, and ends above the constant.
"""

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
    situation="auxiliary",
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
    learning_rate=5e-4,
    sgd_learning_rate=2e-4,
    variations=("sgd",),
)
