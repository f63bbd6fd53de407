"""A tuned study that several figures are drawn of."""

from __future__ import annotations

import pytest
from invented import ERROR, TWO_HEADS, Tuned, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.read import read

NAMES = ("sum", "pcgrad", "weighted", "mgda")
TASKS = {"a": TWO_HEADS, "b": TWO_HEADS, "c": TWO_HEADS, "d": ERROR}


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    """Four strategies on four tasks; mgda does best at the edge of the range and fails twice."""
    options = {"strategies": NAMES, "tasks": TASKS, "seeds": 8, "single_task": True}
    rates = {"mgda": 5e-2, "pcgrad": 1e-3}
    folder = tmp_path_factory.mktemp("tuned")
    how = Tuned(best_rates=rates)
    return compare(read(write_study(folder, diverged={("mgda", "a"): 2}, tuned=how, **options)))
