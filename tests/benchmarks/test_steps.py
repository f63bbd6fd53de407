"""The compiled training step of every strategy: `make bench-steps [STRATEGY=pcgrad] [LOSSES=2]`.

Times a call of STEPS steps with pytest-benchmark, to compare one version of the code with another
(`--benchmark-compare`). Which strategy is faster than which is for `lossbench time` to say: here
nothing is interleaved. Within `make test` a few run once, for correctness alone.

On one core, timed by what the process had of it, so that other processes disturb little.
"""

import functools
import os
from pathlib import Path

import numpy as np
import pytest

from lossbench.bench.machine.scheduling import a_core, settle
from lossbench.bench.plan.values import words
from lossbench.bench.timing.precision import Problem
from lossbench.bench.timing.program import Program
from lossbench.strategies import names

if "LOSSBENCH_STEPS" in os.environ:
    settle(a_core())

STEPS, ROUNDS = 128, 15
WANTED = words(os.environ.get("LOSSBENCH_STEPS")) or ["sum", "pcgrad"]
LOSSES = [int(number) for number in words(os.environ.get("LOSSBENCH_LOSSES")) or ["2"]]


@functools.cache
def problem(num_losses: int) -> Problem:
    return Problem(f"reference_{num_losses}", Path(), "float32")


@pytest.mark.parametrize("num_losses", LOSSES)
@pytest.mark.parametrize("xla", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("strategy", names() if WANTED == ["all"] else WANTED)
def test_a_compiled_step(benchmark, strategy, xla, num_losses):
    program = Program(problem(num_losses), strategy, xla=xla)
    program.prepare(STEPS - 1)
    benchmark.group = f"K = {num_losses}, {'XLA' if xla else 'graph'}, {STEPS} steps"
    benchmark.extra_info.update(
        strategy=strategy,
        losses=num_losses,
        xla=xla,
        steps=STEPS,
        trace_s=program.trace_s,
        compile_s=program.compile_s,
    )
    norms = benchmark.pedantic(program.call, rounds=ROUNDS, warmup_rounds=2)
    assert norms.shape == (STEPS, 1)
    assert np.isfinite(norms).all()
    # Later they may: clipped_subtraction stands still once it has reached its bound.
    assert len(np.unique(norms[:5])) == 5, "the first steps are alike"
    np.testing.assert_allclose(norms[0], program.call()[0], rtol=1e-5)
    assert program.traces == 1
