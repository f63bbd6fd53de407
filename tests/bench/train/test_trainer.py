"""What is traced once serves all cells that can share it, in one process."""

import numpy as np
import pytest

from lossbench.bench.plan import cell as spec
from lossbench.bench.plan import tasks
from lossbench.bench.train.trainer import Observer, Trainer
from lossbench.datasets.core.loader import default_data_dir


def cell(strategy, **changes):
    fixed = {"device": "cpu", "xla": False, "precision": "float32", "heads": "own"}
    fixed |= {"seeds": (0, 1), "steps": 80, "vectorised": True}
    return spec.resolve(strategy, tasks.get("robust"), "robust", **{**fixed, **changes})


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"budget": 4}, True),
        ({"seeds": (0, 1, 2)}, True),
        ({"steps": 160}, False),
        ({"strategy": "mean"}, False),
        ({"heads": "weighted"}, False),
    ],
)
def test_cells_share_an_engine_when_seeds_or_trials_alone_differ(changes, same):
    data = default_data_dir()
    first = Trainer(cell("weighted(weights=[1, 2])"), data).engine
    second = Trainer(cell(**{"strategy": "weighted(weights=[1, 2])", **changes}), data).engine
    assert (first is second) == same


def test_a_call_that_is_filled_up_trains_what_it_would_have_alone():
    data, seeds, done = default_data_dir(), (0, 1, 2, 3, 4), []
    alone = Trainer(cell("sum", seeds=seeds), data)
    filled = Trainer(cell("sum", seeds=seeds, budget=2), data)
    assert alone.engine is filled.engine
    assert (filled._filled(5), filled._filled(4)) == (6, 4), "four are too few to be worth it"
    observer, as_alone = Observer(), Observer()
    expected = alone.train(seeds, [alone.default] * 5, as_alone, done.append)
    found = filled.train(seeds, [filled.default] * 5, observer, done.append)
    traces = filled.engine.traces
    filled.train(range(6), [filled.default] * 6, Observer(), done.append)
    assert filled.engine.traces == traces, "both calls are of six"
    assert sum(done) == 80 * (5 + 5 + 6), "what fills a call up is no progress"
    assert found.digests == expected.digests
    np.testing.assert_array_equal(observer.record.losses, as_alone.record.losses)
    for a, b in zip(found.carry.trainable, expected.carry.trainable, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_a_cell_costs_is_measured_and_leaves_no_trace_behind():
    data, small = default_data_dir(), cell("sum")
    measured = Trainer(small, data)
    compile_s, step_s = measured.cost()
    assert compile_s > 0
    assert step_s > 0
    assert Trainer(small, data).engine is not measured.engine, "the cell says what tracing takes"
