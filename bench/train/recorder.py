"""The series of a cell's runs, collected while they train."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from . import health
from .scores import scores
from .trainer import Observer, Trainer

if TYPE_CHECKING:
    from .step import Carry, Record

EVALUATIONS = 10  # of the validation split during a run
POINTS = 200  # recorded steps of a run


class Recorder(Observer):
    """Keeps every n-th step, and the validation metrics a few times during a run."""

    def __init__(self, trainer: Trainer) -> None:
        cell, engine = trainer.cell, trainer.engine
        self._trainer = trainer
        self._seeds = cell.seeds
        self._every = max(1, cell.steps // POINTS)
        self._heads = [head.name for head in trainer.network.combined]
        self._chunk = engine.chunk
        self._evaluate = max(1, round(math.ceil(cell.steps / engine.chunk) / EVALUATIONS))
        self._last = cell.steps
        self._parts: list[pd.DataFrame] = []
        self._metrics: list[pd.DataFrame] = []

    def after(self, step: int, record: Record, carry: Carry) -> None:
        """Record a chunk."""
        kept = np.arange(-step % self._every, len(record.losses), self._every)
        columns = {
            f"{kind}/{head}": values[kept, :, k].T.ravel()
            for kind, values in (("loss", record.losses), ("weight", record.weights))
            for k, head in enumerate(self._heads)
        }
        columns["norm"] = record.norm[kept].T.ravel()
        self._parts.append(self._frame(step + kept, columns))
        end = step + len(record.losses)
        if (step // self._chunk + 1) % self._evaluate == 0 or end == self._last:
            scored = scores(self._trainer, carry, ("validation",))
            columns = {key: np.array([row[key] for row in scored]) for key in scored[0]}
            self._metrics.append(self._frame(np.array([end - 1]), columns))

    def table(self, bad_steps: np.ndarray) -> pd.DataFrame:
        """All of it; what a seed did after it was stopped is left out."""
        series, metrics = pd.concat(self._parts), pd.concat(self._metrics)
        table = series.merge(metrics, on=["seed", "step"], how="outer")
        end = table["seed"].map(dict(zip(self._seeds, bad_steps, strict=True)))
        table = table[(end < 0) | (table["step"] <= end + health.PATIENCE)]
        return table.sort_values(["seed", "step"], ignore_index=True)

    def _frame(self, steps: np.ndarray, columns: dict[str, np.ndarray]) -> pd.DataFrame:
        index = pd.MultiIndex.from_product([self._seeds, steps], names=["seed", "step"])
        return pd.DataFrame(columns, index=index).reset_index()
