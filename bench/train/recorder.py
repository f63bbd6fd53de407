"""The series of a cell's runs, and how steadily they went, collected while they train."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..store import schema
from .gradients import Pull, conflict, measure, moments
from .metrics import scores
from .stability import stability
from .trainer import Observer, Trainer

if TYPE_CHECKING:
    from .step import Carry, Record

EVALUATIONS = 10  # of the validation split during a run
POINTS = 200  # recorded steps of a run


class Recorder(Observer):
    """Keeps every n-th step for the series, and all of them for the numbers of stability.

    Between chunks the gradients of the plain losses are measured as often as it costs little, and
    the validation metrics a few times during a run.

    Attributes:
        gradients_s: seconds that the measured gradients took, tracing included.
    """

    def __init__(self, trainer: Trainer) -> None:
        super().__init__()
        cell, engine = trainer.cell, trainer.engine
        self.gradients_s = 0.0
        self._trainer = trainer
        self._seeds = cell.seeds
        self._every = max(1, cell.steps // POINTS)
        self._heads = [head.name for head in trainer.network.combined]
        self._chunk = engine.chunk
        chunks = math.ceil(cell.steps / engine.chunk)
        self._evaluate = max(1, round(chunks / EVALUATIONS))
        self._measure = math.ceil(chunks / moments(cell.steps, len(self._heads)))
        self._pulls: dict[int, Pull] = {}
        self._metrics: dict[int, pd.DataFrame] = {}

    def before(self, step: int, carry: Carry, indices: np.ndarray) -> None:
        """Measure how the losses pull at the shared parameters."""
        if (step // self._chunk) % self._measure:
            return
        trainer = self._trainer
        pull = measure(
            trainer.network,
            carry.trainable,
            carry.other,
            trainer.engine.data,
            indices,
            vectorised=trainer.vectorised,
        )
        self._pulls[step] = pull
        self.gradients_s += pull.seconds

    def after(self, step: int, record: Record, carry: Carry) -> None:
        """Record a chunk."""
        super().after(step, record, carry)
        end = step + len(record.losses)
        if (step // self._chunk + 1) % self._evaluate == 0 or end == self._trainer.cell.steps:
            scored = scores(self._trainer, carry, ("validation",))
            self._metrics[end - 1] = pd.DataFrame([run.figures for run in scored])

    def numbers(self, bad_steps: np.ndarray) -> pd.DataFrame:
        """How steady each seed was: columns stability/<name>, one row per seed."""
        record, task = self.record, self._trainer.task
        primary = schema.metric(task.primary, "validation")
        validation = np.stack(
            [frame[primary].to_numpy() for frame in self._metrics.values() if primary in frame]
            or [np.full(len(self._seeds), np.nan)]
        )
        higher = task.metric(task.primary).higher_is_better
        norms = np.stack([pull.norms for pull in self._pulls.values()])
        cosines = np.stack([pull.cosines for pull in self._pulls.values()])
        stopped = (bad_steps >= 0) & (np.array(list(self._pulls))[:, None] >= bad_steps)
        norms[stopped] = cosines[stopped] = np.nan  # weights that stand still say nothing new
        found = {
            **stability(record.losses, record.norm, bad_steps, validation, higher),
            **conflict(norms, cosines),
        }
        return pd.DataFrame({f"{schema.STABILITY}{name}": values for name, values in found.items()})

    def table(self, stopped: np.ndarray) -> pd.DataFrame:
        """The series; what a seed did after it was stopped is left out."""
        record = self.record
        kept = np.arange(0, len(record.losses), self._every)
        columns = {
            f"{kind}{head}": values[kept, :, k].T.ravel()
            for kind, values in ((schema.LOSS, record.losses), (schema.WEIGHT, record.weights))
            for k, head in enumerate(self._heads)
        }
        columns["norm"] = record.norm[kept].T.ravel()
        table = self._frame(kept, columns)
        pulls = [
            self._frame(np.array([step]), pull.columns(self._heads))
            for step, pull in self._pulls.items()
        ]
        metrics = [
            self._frame(np.array([step]), {k: frame[k].to_numpy() for k in frame})
            for step, frame in self._metrics.items()
        ]
        for part in (pulls, metrics):
            table = table.merge(pd.concat(part), on=["seed", "step"], how="outer")
        end = table["seed"].map(dict(zip(self._seeds, stopped, strict=True)))
        table = table[(end < 0) | (table["step"] <= end)]
        return table.sort_values(["seed", "step"], ignore_index=True)

    def _frame(self, steps: np.ndarray, columns: dict[str, np.ndarray]) -> pd.DataFrame:
        index = pd.MultiIndex.from_product([self._seeds, steps], names=["seed", "step"])
        return pd.DataFrame(columns, index=index).reset_index()
