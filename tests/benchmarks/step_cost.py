"""What a Gram strategy adds to its K gradients: `python tests/benchmarks/step_cost.py [K ...]`.

The whole compiled training step of every Gram strategy on the reference model, as a ratio to the
same step with nothing but the K gradients and their sum (the inner products are not asked for, so
the compiler drops them). Medians of ratios within interleaved rounds; one thread; XLA on.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import statistics
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from lossbench import strategies
from lossbench.bench.machine.scheduling import a_core, settle
from lossbench.bench.timing.precision import Problem
from lossbench.bench.timing.program import Program

ROUNDS, SECONDS = 15, 0.02


class GradientsAlone(strategies.GramStrategy):
    """K gradients, added."""

    def weights(self, gram, losses, state):
        return tf.ones_like(losses), state


def main() -> None:
    settle(a_core())
    chosen = [strategies.get(name) for name in strategies.names()]
    chosen = [GradientsAlone(), *(s for s in chosen if s.asks == "gram")]
    for num_losses in [int(argument) for argument in sys.argv[1:]] or [3]:
        for seeds in (1, 10):
            _compare(chosen, num_losses, seeds)


def _compare(chosen: list[strategies.Strategy], num_losses: int, seeds: int) -> None:
    problem = Problem(f"reference_{num_losses}", Path(), "float32")
    programs = [Program(problem, strategy, xla=True, seeds=seeds) for strategy in chosen]
    for program in programs:
        program.fit(SECONDS)
    times = np.zeros((ROUNDS, len(programs)))
    order = np.random.default_rng(0)
    for round_ in range(ROUNDS):
        for i in order.permutation(len(programs)):
            one, full = programs[i].sample()
            times[round_, i] = (full - one) / (programs[i].steps * seeds) * 1e6
    print(f"K = {num_losses}, {seeds} seeds: µs per seed-step, ratio to the K gradients alone")
    for i, strategy in enumerate(chosen):
        ratio = statistics.median(times[:, i] / times[:, 0])
        name = "gradients alone" if i == 0 else strategy.name
        print(f"  {name:18}{np.median(times[:, i]):8.1f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
