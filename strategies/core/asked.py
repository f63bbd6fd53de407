"""What a strategy asks for or is told, beside gradients and losses."""

from __future__ import annotations

from typing import NamedTuple


class Noise(NamedTuple):
    """Random input of one step: the harness draws it, so that all strategies see the same."""

    distribution: str  # "uniform" on [0, 1) or "normal"
    shape: tuple[int, ...]


class Situation(NamedTuple):
    """What a strategy finds on a task.

    Attributes:
        losses: K, how many are combined.
        nuisances: how many of them are to be unlearned.
        relevant: whether a head says which of its outputs matter.
    """

    losses: int
    nuisances: int = 0
    relevant: bool = False


class Range(NamedTuple):
    """One dimension of a search space."""

    low: float
    high: float
    log: bool = False


class Factors(NamedTuple):
    """Search space of one number per loss: each but the first is multiplied by a factor of its own.

    K - 1 dimensions on a logarithmic scale. Only ratios are searched: the common scale is the
    learning rate's.
    """

    low: float
    high: float
