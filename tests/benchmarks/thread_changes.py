"""What it costs that XLA's threads change places: `python tests/benchmarks/thread_changes.py`.

Compiled steps in fresh processes on one core, as the system has it and as `settle` has it, in all
workers: microseconds a step (median, and the range of nine in ten calls), and how often a thread
gave way to another within a step. Linux alone has both policies.
"""

from __future__ import annotations

import os
import subprocess
import sys

from lossbench.bench.machine.scheduling import a_core, settle, variables

PROBLEMS = {"reference_2": ("sum", "pcgrad", "db_mtl"), "grown_8_930": ("sum", "graddrop")}
POLICIES = ("usual", "settled")
ROUNDS, CALLS = 3, 30


def main() -> None:
    columns = "".join(f"{f'{policy}: us a step':>31}{'changes':>9}" for policy in POLICIES)
    print(f"{'':22}{columns}")
    for problem, strategies in PROBLEMS.items():
        for strategy in strategies:
            told: dict[str, list[list[float]]] = {policy: [] for policy in POLICIES}
            for _ in range(ROUNDS):
                for policy, found in told.items():
                    found.append(_child(problem, strategy, policy))
            print(f"{problem:12}{strategy:10}", *map(_cell, told.values()), sep="", flush=True)


def _child(problem: str, strategy: str, policy: str) -> list[float]:
    ended = subprocess.run(
        [sys.executable, __file__, problem, strategy, policy],
        capture_output=True,
        text=True,
        check=True,
        env={**variables(1), "CUDA_VISIBLE_DEVICES": "-1"},
    )
    return [float(word) for word in ended.stdout.split()]


def _cell(told: list[list[float]]) -> str:
    middle, low, high, changes = (sum(found) / len(found) for found in zip(*told, strict=True))
    return f"{middle:.1f} [{low:.1f}, {high:.1f}]".rjust(31) + f"{changes:9.2f}"


def measure(problem: str, strategy: str, policy: str) -> None:
    """In a process of its own: prints microseconds (median, 5 %, 95 %) and changes of threads."""
    if policy == "settled":
        settle(a_core())
    else:
        os.sched_setaffinity(0, {a_core()})
    import resource
    import time
    from pathlib import Path

    import numpy as np

    from lossbench.bench.timing.precision import Problem
    from lossbench.bench.timing.program import Program

    made = Problem(problem, Path(), "float32")
    program = Program(made, strategy, xla=True, clock=time.process_time)
    program.fit(0.02)
    program.sample()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
    samples = [program.sample() for _ in range(CALLS)]
    changes = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before
    found = [1e6 * (full - one) / program.steps for one, full in samples]
    print(*np.quantile(found, (0.5, 0.05, 0.95)), changes / (CALLS * (2 + program.steps)))


if __name__ == "__main__":
    measure(*sys.argv[1:]) if len(sys.argv) > 1 else main()
