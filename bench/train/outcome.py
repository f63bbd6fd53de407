"""The outcome of a cell: tuned if it has a budget, then all its seeds in one configuration."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .ended import ended
from .metrics import scores
from .recorder import Recorder
from .trainer import Trainer
from .tuning import tune

if TYPE_CHECKING:
    from ..plan.cell import Cell
    from ..plan.search import Trial
    from .ended import Ended
    from .metrics import Scored
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
        chosen: the configuration of each tuning, of the rows with its number; one without tuning.
        notes: what there is to say about how it was trained, each in one line.
        trials: what tuning tried: trial, status, score, configuration, chosen; None without tuning.
    """

    rows: list[dict[str, Any]]
    series: pd.DataFrame
    timing: dict[str, float]
    chosen: tuple[Trial, ...]
    trials: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()


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
    chosen, trials = (trainer.default,), None
    if cell.budget:
        tuned = [tune(trainer, tuning, on_steps) for tuning in range(cell.tunings)]
        chosen, trials = tuple(trial for trial, _ in tuned), pd.concat([t for _, t in tuned])
    recorder = Recorder(trainer)
    configurations = [chosen[seed % len(chosen)] for seed in cell.seeds]
    trained = trainer.train(cell.seeds, configurations, recorder, on_steps)
    scored = scores(trainer, trained.carry, ("validation", "test"))
    ends = ended(trainer, trained.carry, recorder.record)
    steadiness = recorder.numbers(ends.bad_step).to_dict("records")
    rows = _rows(trainer, trained, ends, scored)
    return Outcome(
        [{**row, **numbers} for row, numbers in zip(rows, steadiness, strict=True)],
        recorder.table(ends.stopped),
        {
            "compile_s": trained.compile_s,
            "step_time_us": 1e6 * trained.train_s / (cell.steps * len(cell.seeds)),
            "wall_s": time.perf_counter() - began,
            "diagnostic_s": recorder.gradients_s,
        },
        chosen,
        trials,
        trainer.notes,
    )


def _rows(
    trainer: Trainer, trained: Trained, ends: Ended, scored: list[Scored]
) -> list[dict[str, Any]]:
    rows = []
    for i, (seed, digest, (figures, missing)) in enumerate(
        zip(trainer.cell.seeds, trained.digests, scored, strict=True)
    ):
        failed = bool(ends.diverged[i])
        rows.append(
            {
                "seed": seed,
                "status": "diverged" if failed else "ok",
                "reason": ends.reason[i] if failed else "; ".join(missing),
                "bad_step": int(ends.bad_step[i]) if failed else None,
                "spiked": int(ends.spiked[i]),
                "tuning": seed % (trainer.cell.tunings if trainer.cell.budget else 1),
                "pairing": digest,
                **(dict.fromkeys(figures, math.nan) if failed else figures),
            }
        )
    return rows
