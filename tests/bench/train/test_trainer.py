"""What is traced once serves all cells that can share it, in one process."""

import pytest

from lossbench.bench.plan import cell as spec
from lossbench.bench.plan import tasks
from lossbench.bench.train.trainer import Trainer
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


def test_what_a_cell_costs_is_measured_and_leaves_no_trace_behind():
    data, small = default_data_dir(), cell("sum")
    measured = Trainer(small, data)
    compile_s, step_s = measured.cost()
    assert compile_s > 0
    assert step_s > 0
    assert Trainer(small, data).engine is not measured.engine, "the cell says what tracing takes"
