"""What is traced once serves all cells that can share it, in one process."""

import types
from collections import deque

import pytest

from lossbench.bench.plan import cell as spec
from lossbench.bench.plan import tasks
from lossbench.bench.train.trainer import Trainer
from lossbench.bench.workers.pool import Pool
from lossbench.datasets.core.loader import default_data_dir


def cell(strategy, **settings):
    fixed = {"device": "cpu", "xla": False, "precision": "float32", "heads": "own"}
    fixed |= {"seeds": (0, 1), "steps": 80, "vectorised": True}
    return spec.resolve(strategy, tasks.get("robust"), "robust", **{**fixed, **settings})


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


def given(process, waiting):
    """The name of the request that a process is given."""
    (event,) = process.pool._give(process, waiting)
    assert process.index == event.index
    return process.sent["name"]


def test_a_process_goes_on_with_what_it_holds():
    pool = Pool(2, 1, "cpu")  # starts no process before it has requests
    for _ in range(2):
        process = types.SimpleNamespace(index=None, shares="", pool=pool)
        process.send = lambda request, process=process: setattr(process, "sent", request)
        pool._processes.append(process)
    one, other = pool._processes
    names = ["a", "b", "c", "a tuned", "b tuned", "c tuned"]
    waiting = deque(enumerate({"name": n, "shares": n.split()[0]} for n in names))
    assert given(one, waiting) == "a"
    assert given(other, waiting) == "b"
    assert given(one, waiting) == "a tuned"
    assert given(one, waiting) == "c", "b tuned is for the other"
    assert given(other, waiting) == "b tuned"
    assert given(other, waiting) == "c tuned", "better than to wait"
    assert not waiting
    pool._processes.clear()
