"""The outcome of a cell: tuned if it has a budget, then all its seeds in one configuration."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .divergence import Divergence, explain
from .metrics import scores
from .recorder import Recorder
from .trainer import Trainer
from .tuning import tune

if TYPE_CHECKING:
    from ..plan.cell import Cell
    from ..plan.search import Trial
    from .trainer import Trained


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What one cell gave.

    Attributes:
        rows: one per seed: status, reason, first bad step, pairing hash, metrics by column,
            stability/<name>.
        series: seed, step, loss/<head>, weight/<head>, norm, metric/<head>/<name>/validation,
            grad_norm/<head>, cosine/<head>/<head>.
        timing: compile_s (tracing and compiling), step_time_us (per seed-step), wall_s,
            diagnostic_s (of the measured gradients).
        chosen: the configuration of all rows.
        trials: what tuning tried: trial, status, score, configuration, chosen; None without tuning.
    """

    rows: list[dict[str, Any]]
    series: pd.DataFrame
    timing: dict[str, float]
    chosen: Trial
    trials: pd.DataFrame | None = None


def train(cell: Cell, data_dir: Path, on_steps: Callable[[int], None]) -> Outcome:
    """Train all seeds of a cell.

    Args:
        cell: what to train.
        data_dir: folder of prepared data.
        on_steps: told the number of seed-steps that were done, after each chunk.

    Raises:
        ValueError: strategy, task and configuration do not fit together.
        DataUnavailable: the data can't be had.
    """
    began = time.perf_counter()
    trainer = Trainer(cell, data_dir)
    chosen, trials = trainer.default, None
    if cell.budget:
        chosen, trials = tune(trainer, on_steps)
    recorder = Recorder(trainer)
    trained = trainer.train(cell.seeds, [chosen] * len(cell.seeds), recorder, on_steps)
    scored = scores(trainer, trained.carry, ("validation", "test"))
    bad_steps = trained.carry.divergence.bad_step.numpy()
    steadiness = recorder.numbers(bad_steps).to_dict("records")
    rows = _rows(trainer, trained, scored)
    return Outcome(
        [{**row, **numbers} for row, numbers in zip(rows, steadiness, strict=True)],
        recorder.table(bad_steps),
        {
            "compile_s": trained.compile_s,
            "step_time_us": 1e6 * trained.train_s / (cell.steps * len(cell.seeds)),
            "wall_s": time.perf_counter() - began,
            "diagnostic_s": recorder.gradients_s,
        },
        chosen,
        trials,
    )


def _rows(
    trainer: Trainer, trained: Trained, scored: list[dict[str, float]]
) -> list[dict[str, Any]]:
    names = [head.name for head in trainer.network.combined]
    state = Divergence(*(leaf.numpy() for leaf in trained.carry.divergence))
    rows = []
    for i, (seed, digest, metrics) in enumerate(
        zip(trainer.cell.seeds, trained.digests, scored, strict=True)
    ):
        culprit = int(state.culprit[i])
        reason = explain(
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
