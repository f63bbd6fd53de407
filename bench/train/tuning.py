"""Tune a cell: all of its trials at once, and the best of them on the validation split."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..plan import search
from ..store import schema
from .ended import ended
from .metrics import scores
from .trainer import Observer

if TYPE_CHECKING:
    from .step import Carry
    from .trainer import Trainer


def tune(
    trainer: Trainer, tuning: int, on_steps: Callable[[int], None]
) -> tuple[search.Trial, pd.DataFrame]:
    """The best of a cell's trials on the validation split, and what all of them gave.

    All trials train at once, on repetitions of their own, from the same start and batches. A
    trial's score is the mean over the cell's judged metrics of their share of the way from chance
    to perfect, then over its repetitions; a trial of which one run fails has failed.

    Args:
        trainer: of the cell.
        tuning: which of its tunings: each has seeds and points of its own.
        on_steps: told the number of seed-steps that were done.
    """
    cell, task = trainer.cell, trainer.task
    configurations = search.trials(
        cell.budget, trainer.default, task.searched_rates, trainer.space, tuning
    )
    runs = [(trial, r) for trial in range(cell.budget) for r in search.repetitions(tuning)]
    observer = Observer()
    trained = trainer.train(
        [r for _, r in runs], [configurations[trial] for trial, _ in runs], observer, on_steps
    )
    diverged = ended(trainer, trained.carry, observer.record).diverged
    shares = judged_shares(trainer, trained.carry, "validation")
    each = np.where(diverged, np.nan, shares).reshape(cell.budget, -1)
    score, best = each.mean(axis=1), search.best(each)
    table = pd.DataFrame(
        {
            "tuning": tuning,
            "trial": range(cell.budget),
            "status": np.where(np.isfinite(score), "ok", "diverged"),
            "score": score,
            "learning_rate": [c.learning_rate for c in configurations],
            "chosen": np.arange(cell.budget) == best,
            **{
                f"{schema.HYPERPARAMETER}{k}": [
                    _column(c.hyperparameters[k]) for c in configurations
                ]
                for k in configurations[0].hyperparameters
            },
        }
    )
    return configurations[best], table


def judged_shares(trainer: Trainer, carry: Carry, split: str) -> list[float]:
    """Of each run the mean share over the cell's judged metrics; NaN where one is not known."""
    cell, task = trainer.cell, trainer.task
    return [
        float(
            np.mean(
                [
                    task.metric(column).share(run.figures[schema.metric(column, split)])
                    for column in cell.judged
                ]
            )
        )
        for run in scores(trainer, carry, (split,), cell.judged)
    ]


def _column(value: float | tuple[float, ...]) -> float | str:
    """A hyperparameter as a column holds it: one number per loss is JSON."""
    return json.dumps(value) if isinstance(value, tuple) else value
