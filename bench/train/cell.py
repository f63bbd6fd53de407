"""Train one cell: all seeds of a strategy on a task, from prepared data to metrics."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import tensorflow as tf

from ...strategies.core import registry
from .. import tasks
from ..hints import with_hints
from . import health
from .engine import Engine
from .network import Network
from .pairing import NoiseStream, start
from .step import Step

if TYPE_CHECKING:
    from ...datasets.core.task import Task
    from ..spec import Cell
    from .step import Carry, Record

EVALUATIONS = 10  # of the validation split during a run
POINTS = 200  # recorded steps of a run
NOISE_BYTES = 64 << 20  # random input of one chunk


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What one cell gave.

    Attributes:
        rows: one per seed: status, reason, first bad step, pairing hash, metrics by column.
        series: seed, step, loss/<head>, weight/<head>, metric/<head>/<name>/validation.
        timing: compile_s (tracing and compiling), step_time_us (per seed-step), wall_s.
    """

    rows: list[dict[str, Any]]
    series: pd.DataFrame
    timing: dict[str, float]


def train(cell: Cell, data_dir: Path, on_steps: Callable[[int], None]) -> Outcome:
    """Train all seeds of a cell.

    Args:
        cell: what to train.
        data_dir: folder of prepared data.
        on_steps: told the number of steps that were done, after each chunk.

    Raises:
        ValueError: strategy, task and settings do not fit together.
        DataUnavailable: the data can't be had.
    """
    began = time.perf_counter()
    task = dataclasses.replace(tasks.get(cell.task), optimizer=cell.optimizer)
    strategy = with_hints(registry.get(cell.strategy), task)
    splits = task.data(data_dir)
    data = splits["train"]
    examples = len(data["x"])
    network = Network(task, {k: tf.constant(v[: cell.batch_size]) for k, v in data.items()})
    step = Step(network, strategy, cell.heads)
    starts = [start(task, r, cell.steps, cell.batch_size, examples) for r in cell.seeds]
    noise = strategy.noise(len(network.combined), step.num_shared)
    chunk = _chunk(cell, noise)
    engine = Engine(
        step, data, steps=cell.steps, chunk=chunk, xla=cell.xla, vectorised=cell.vectorised
    )
    carry = engine.initial([s.trainable for s in starts], [s.other for s in starts])
    batches = np.stack([s.batches for s in starts], axis=1)
    draws = NoiseStream(task.name, cell.seeds, noise)
    rates = np.full(len(cell.seeds), cell.learning_rate)
    compile_s = engine.compile(carry, noise, rates, batches.shape[2])

    recorder, train_s = _Recorder(task, cell), 0.0
    for at in range(0, cell.steps, chunk):
        part = batches[at : at + chunk]
        drawn = draws.draw(len(part))
        clock = time.perf_counter()
        carry, record = engine.run(carry, part, drawn, rates, at)
        train_s += time.perf_counter() - clock
        recorder.steps(at, record)
        recorder.validation(at + len(part) - 1, engine, carry, splits)
        on_steps(len(part))
    scored = _scores(task, engine, carry, splits, ("validation", "test"))
    return Outcome(
        _rows(cell, network, carry, [s.digest for s in starts], scored),
        recorder.table(np.asarray(carry.health.bad_step)),
        {
            "compile_s": compile_s,
            "step_time_us": 1e6 * train_s / (cell.steps * len(cell.seeds)),
            "wall_s": time.perf_counter() - began,
        },
    )


def _chunk(cell: Cell, noise: Any) -> int:
    """Steps in a call: a tenth of the run, or fewer when the strategy's noise is large."""
    chunk = math.ceil(cell.steps / EVALUATIONS)
    if noise is not None:
        chunk = min(chunk, NOISE_BYTES // (4 * len(cell.seeds) * max(1, math.prod(noise.shape))))
    return max(1, chunk)


def _scores(
    task: Task, engine: Engine, carry: Carry, splits: Any, scored: tuple[str, ...]
) -> list[dict[str, float]]:
    """Metrics of every seed: column metric/<head>/<name>/<split> to figure."""
    outputs = {split: engine.outputs(carry, splits[split]["x"]) for split in scored}
    alive = carry.health.alive.numpy()
    return [
        {
            f"metric/{head.name}/{metric.name}/{split}": metric.score(
                {key: _of_seed(value, seed) for key, value in outputs.items()}, splits, split
            )
            if alive[seed]
            else math.nan
            for head in task.heads
            for metric in head.metrics
            for split in scored
            if metric.fitted_on is None
            or (metric.fitted_on in scored and split != metric.fitted_on)
        }
        for seed in range(len(alive))
    ]


def _of_seed(outputs: Mapping[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    return {key: value[seed] for key, value in outputs.items()}


def _rows(
    cell: Cell, network: Network, carry: Carry, digests: list[str], scored: list[dict[str, float]]
) -> list[dict[str, Any]]:
    names = [head.name for head in network.combined]
    state = health.Health(*(leaf.numpy() for leaf in carry.health))
    rows = []
    for i, (seed, digest, metrics) in enumerate(zip(cell.seeds, digests, scored, strict=True)):
        culprit = int(state.culprit[i])
        reason = health.explain(
            int(state.reason[i]),
            culprit,
            float(state.value[i]),
            float(state.start[i][max(culprit, 0)]),
            names,
        )
        rows.append(
            {
                "seed": seed,
                "status": "ok" if state.alive[i] else "diverged",
                "reason": reason,
                "bad_step": None if state.alive[i] else int(state.bad_step[i]),
                "pairing": digest,
                **metrics,
            }
        )
    return rows


class _Recorder:
    """Collects the series of all seeds while a cell trains."""

    def __init__(self, task: Task, cell: Cell) -> None:
        self._task = task
        self._seeds = cell.seeds
        self._every = max(1, cell.steps // POINTS)
        self._heads = [head.name for head in task.combined]
        self._parts: list[pd.DataFrame] = []
        self._metrics: list[pd.DataFrame] = []

    def steps(self, start: int, record: Record) -> None:
        """Every n-th step of a chunk."""
        kept = np.arange(-start % self._every, len(record.losses), self._every)
        columns = {
            f"{kind}/{head}": values[kept, :, k].T.ravel()
            for kind, values in (("loss", record.losses), ("weight", record.weights))
            for k, head in enumerate(self._heads)
        }
        columns["norm"] = record.norm[kept].T.ravel()
        self._parts.append(self._frame(start + kept, columns))

    def validation(self, step: int, engine: Engine, carry: Carry, splits: Any) -> None:
        """The metrics of the validation split after a chunk."""
        scored = _scores(self._task, engine, carry, splits, ("validation",))
        columns = {key: np.array([row[key] for row in scored]) for key in scored[0]}
        self._metrics.append(self._frame(np.array([step]), columns))

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
