"""Does an interval know that a strategy was tuned? A/A comparisons over many tunings.

    .venv/bin/python tests/benchmarks/tuning_coverage.py [--tunings 12] [--seeds 20] [--tasks ...]

Every strategy is tuned several times, each time on other seeds and points, and each of the chosen
configurations is trained on the same seeds. Then, per task:

- A/A: two tunings of `sum` against each other, all pairs: how often the 95 % t interval over the
  seeds excludes 0. Nothing differs but the luck of tuning.
- Twins: `nash_mtl` against `fairgrad(alpha=1.0)`, one algorithm: the same, tuning by tuning.
- Coverage: how often the interval of one tuning holds the mean tuned difference to `sum` over all
  tunings, and how often the t interval over half of the tunings, as `--tunings` gives it, does.
"""

from __future__ import annotations

import argparse
import itertools
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd

from lossbench.bench.plan import plan
from lossbench.bench.plan.request import Request
from lossbench.bench.plan.values import data_dir
from lossbench.bench.statistics.intervals import t_intervals
from lossbench.bench.train.trainer import Observer, Trainer
from lossbench.bench.train.tuning import judged_shares, tune

TASKS = ("two_digits", "autoencode", "shortcut", "units")
STRATEGIES = ("sum", "nash_mtl", "fairgrad(alpha=1.0)", "weighted", "clipped", "cagrad")


def quiet(steps: int) -> None:
    """Is told of steps."""


def tuned_scores(task: str, strategy: str, tunings: int, seeds: int, trials: int) -> np.ndarray:
    """Scores on test, in percent, (tunings, seeds): every tuning's choice on the same seeds."""
    request = Request(
        strategies=strategy,
        tasks=task,
        seeds=seeds,
        budget=trials,
        tunings=tunings,
        single_task=False,
        static_weights=False,
    )
    (cell,) = (cell for cell in plan.build(request).cells if cell.budget)
    trainer = Trainer(cell, data_dir())
    found = []
    for tuning in range(tunings):
        chosen, _ = tune(trainer, tuning, quiet)
        trained = trainer.train(cell.seeds, [chosen] * seeds, Observer(), quiet)
        found.append(judged_shares(trainer, trained.carry, "test"))
    return 100 * np.array(found)


def excludes(differences: np.ndarray, value: float = 0.0) -> bool:
    """Whether the t interval of some differences leaves a value out."""
    row = t_intervals(pd.DataFrame({"d": differences})).iloc[0]
    return not row["low"] <= value <= row["high"]


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tunings", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--tasks", nargs="+", default=TASKS)
    parser.add_argument("--strategies", nargs="+", default=STRATEGIES)
    given = parser.parse_args()
    rows = []
    for task in given.tasks:
        of = {
            name: tuned_scores(task, name, given.tunings, given.seeds, given.trials)
            for name in given.strategies
        }
        pairs = list(itertools.combinations(range(given.tunings), 2))
        again = [excludes(of["sum"][i] - of["sum"][j]) for i, j in pairs]
        row = {"task": task, "A/A, %": 100 * np.mean(again)}
        if {"nash_mtl", "fairgrad(alpha=1.0)"} <= set(of):
            twins = of["nash_mtl"] - np.roll(of["fairgrad(alpha=1.0)"], 1, axis=0)
            row["twins, %"] = 100 * np.mean([excludes(d) for d in twins])
        one, several = [], []
        for name in given.strategies[1:]:
            difference = of[name] - of["sum"]
            expected = difference.mean()
            one += [not excludes(d, expected) for d in difference]
            halves = [difference[i::2].mean(axis=1) for i in range(2)]
            several += [not excludes(half, expected) for half in halves]
        row["one tuning covers, %"] = 100 * np.mean(one)
        row["half of them cover, %"] = 100 * np.mean(several)
        rows.append(row)
        print(pd.DataFrame(rows).round(1).to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
