"""A results folder whose differences are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .study import write_study
from .tasks import TWO_HEADS


def write_planted(directory: Path, seeds: int = 10, **shifts: float) -> Path:
    """One task; each strategy is `sum` plus a shift on every seed, and noise unless it is 0."""
    rng = np.random.default_rng(5)
    base = 0.8 + rng.normal(0, 0.01, seeds)
    values = {("sum", "t"): list(base)}
    for name, shift in shifts.items():
        noise = rng.normal(0, abs(shift) / 20, seeds)
        values[name, "t"] = list(base + shift + noise)
    return write_study(
        directory,
        strategies=("sum", *shifts),
        tasks={"t": TWO_HEADS},
        values=values,
        seeds=seeds,
        series=False,
    )
