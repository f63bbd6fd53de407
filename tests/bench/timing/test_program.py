"""A strategy's compiled loop: the same chunk again and again, however it is called."""

from pathlib import Path

import numpy as np

from lossbench.bench.timing.precision import Problem
from lossbench.bench.timing.program import Program
from lossbench.bench.train.pairing import NoiseStream


def program(strategy: str, **options) -> Program:
    problem = Problem("reference_2", Path(), "float32")
    return Program(problem, strategy, **{"xla": False, **options})


def test_a_program_trains_the_same_chunk_again_and_again():
    made = program("pcgrad", seeds=2)
    made.prepare(12)
    first = made.call()
    assert first.shape == (13, 2)
    assert len(np.unique(first)) == first.size
    np.testing.assert_allclose(made.call(), first, rtol=1e-5)
    assert made.traces == 1
    assert made.parameters == 21_386
    assert made.losses == 2
    assert made.batch == 64


def test_what_a_call_takes_is_read_off_the_clock():
    made = program("sum", clock=iter(range(100)).__next__)
    assert made.trace_s == 1
    assert made.compile_s == 1, "three of the first call, less tracing and those of the second"
    made.prepare(3)
    assert made.sample() == (1, 1), "two looks at the clock for each call"


def test_fit_takes_more_steps_for_more_time(monkeypatch):
    made = program("sum")
    # A millisecond for a call, and a tenth for each of its steps.
    monkeypatch.setattr(made, "sample", lambda: (1.1e-3, 1.1e-3 + 1e-4 * made.steps))
    for seconds, steps in ((1e-5, 1), (4e-4, 4), (5e-3, 50), (1.0, 255)):
        made.fit(seconds)
        assert made.steps == steps


def test_the_noise_of_a_strategy_is_drawn_before_it_is_timed(monkeypatch):
    made = program("graddrop")  # a number for each parameter and step
    monkeypatch.setattr(NoiseStream, "draw", None)
    made.prepare(8)
    one, full = made.sample()
    assert np.isfinite([one, full]).all()
    assert np.isfinite(made.call()).all()


def test_a_compiled_step_joins_the_gradients_before_a_strategy_reads_them():
    """Within the strategy's own loops XLA reads the pieces with masks that reach outside of them.

    Where that memory is not there, the processor needs a hundred cycles for each such read.
    """
    made = program("db_mtl", xla=True)
    hlo = made._tap.function.experimental_get_compiler_ir(*made._full)(stage="optimized_hlo")
    rows = {"f32[16576]{0} concatenate": "dimensions={0}", "16576]{1,0} concatenate": "={1}"}
    where = [
        computation.split()[0]
        for computation in hlo.split("\n\n")
        for line in computation.splitlines()
        if any(shape in line and axis in line for shape, axis in rows.items())
    ]
    assert len(where) == made.losses
    assert not [name for name in where if "fused" in name]
