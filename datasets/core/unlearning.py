"""Digits beside a nuisance that the shared features should forget: model and heads."""

from __future__ import annotations

import dataclasses

import keras

from .digits import CLASSES
from .losses import cross_entropy
from .metrics import accuracy, probe
from .task import Head


def model(inputs: int, nuisance: str, classes: int) -> keras.Model:
    """inputs -> 64 -> 32 features, two linear heads; the features are an output for the probe."""
    x = keras.Input((inputs,), name="x")
    hidden = keras.layers.Dense(64, "relu", name="trunk_1")(x)
    features = keras.layers.Dense(32, "relu", name="trunk_2")(hidden)
    return keras.Model(
        x,
        {
            "digit": keras.layers.Dense(CLASSES, name="digit")(features),
            nuisance: keras.layers.Dense(classes, name=nuisance)(features),
            "features": features,
        },
    )


def heads(
    nuisance: str,
    weight: float,
    *,
    chance: float,
    nuisance_chance: float,
    probe_chance: float,
    oracle: float | None = None,
) -> tuple[Head, Head]:
    """The digit, and the nuisance that enters the shared variables with sign -1 times `weight`."""
    read = accuracy("digit", "digit", chance=chance)
    return (
        Head(
            "digit",
            cross_entropy("digit", "digit"),
            metrics=(dataclasses.replace(read, oracle=oracle),),
        ),
        Head(
            nuisance,
            cross_entropy(nuisance, nuisance),
            kind="nuisance",
            weight=weight,
            # The head's own accuracy lies: it can be at chance while the probe still finds it all.
            metrics=(
                accuracy(nuisance, nuisance, chance=nuisance_chance, higher_is_better=False),
                probe("features", nuisance, chance=probe_chance),
            ),
        ),
    )
