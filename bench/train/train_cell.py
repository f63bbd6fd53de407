"""Train one cell: tune when it has trials, then all its seeds in the chosen setting."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..plan import search
from . import divergence
from .metrics import scores
from .recorder import Recorder
from .trainer import Observer, Trainer

if TYPE_CHECKING:
    from ..plan.cell import Cell
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
        chosen: the setting of all rows.
        trials: what tuning tried: trial, status, score, setting, chosen; None without tuning.
    """

    rows: list[dict[str, Any]]
    series: pd.DataFrame
    timing: dict[str, float]
    chosen: search.Trial
    trials: pd.DataFrame | None = None


def train(cell: Cell, data_dir: Path, on_steps: Callable[[int], None]) -> Outcome:
    """Train all seeds of a cell.

    Args:
        cell: what to train.
        data_dir: folder of prepared data.
        on_steps: told the number of seed-steps that were done, after each chunk.

    Raises:
        ValueError: strategy, task and settings do not fit together.
        DataUnavailable: the data can't be had.
    """
    began = time.perf_counter()
    trainer = Trainer(cell, data_dir)
    chosen, trials = trainer.default, None
    if cell.budget:
        chosen, trials = _tune(trainer, on_steps)
    recorder = Recorder(trainer)
    trained = trainer.train(cell.seeds, [chosen] * len(cell.seeds), recorder, on_steps)
    scored = scores(trainer, trained.carry, ("validation", "test"))
    bad_steps = trained.carry.health.bad_step.numpy()
    steadiness = recorder.numbers(bad_steps).to_dict("records")
    rows = _rows(trainer, trained, scored)
    return Outcome(
        [{**row, **numbers} for row, numbers in zip(rows, steadiness, strict=True)],
        recorder.table(bad_steps),
        {
            "compile_s": trained.compile_s,
            "step_time_us": 1e6 * trained.train_s / (cell.steps * len(cell.seeds)),
            "wall_s": time.perf_counter() - began,
            "diagnostic_s": recorder.diagnostic_s,
        },
        chosen,
        trials,
    )


def _tune(trainer: Trainer, on_steps: Callable[[int], None]) -> tuple[search.Trial, pd.DataFrame]:
    """The best of a cell's trials on the validation split, and what all of them gave.

    All trials train at once, on repetitions of their own, from the same start and batches. A
    trial's score is the mean over the cell's judged metrics of their share of the way from chance
    to perfect, then over its repetitions; a trial of which one run fails has failed.
    """
    cell, task = trainer.cell, trainer.task
    settings = search.trials(cell.budget, trainer.default, task.searched_rates, trainer.space)
    runs = [(trial, r) for trial in range(cell.budget) for r in search.REPETITIONS]
    trained = trainer.train(
        [r for _, r in runs], [settings[trial] for trial, _ in runs], Observer(), on_steps
    )
    rows = scores(trainer, trained.carry, ("validation",), cell.judged)
    shares = [
        np.mean(
            [
                task.metric(column).share(row[f"metric/{column}/validation"])
                for column in cell.judged
            ]
        )
        for row in rows
    ]
    score = np.reshape(shares, (cell.budget, -1)).mean(axis=1)
    best = search.best(score)
    table = pd.DataFrame(
        {
            "trial": range(cell.budget),
            "status": np.where(np.isfinite(score), "ok", "diverged"),
            "score": score,
            "learning_rate": [setting.learning_rate for setting in settings],
            "chosen": np.arange(cell.budget) == best,
            **{f"hp/{k}": [_column(s.knobs[k]) for s in settings] for k in settings[0].knobs},
        }
    )
    return settings[best], table


def _column(value: float | tuple[float, ...]) -> float | str:
    """A knob as a column holds it: one number per loss is JSON."""
    return json.dumps(value) if isinstance(value, tuple) else value


def _rows(
    trainer: Trainer, trained: Trained, scored: list[dict[str, float]]
) -> list[dict[str, Any]]:
    names = [head.name for head in trainer.network.combined]
    state = divergence.Health(*(leaf.numpy() for leaf in trained.carry.health))
    rows = []
    for i, (seed, digest, metrics) in enumerate(
        zip(trainer.cell.seeds, trained.digests, scored, strict=True)
    ):
        culprit = int(state.culprit[i])
        reason = divergence.explain(
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
