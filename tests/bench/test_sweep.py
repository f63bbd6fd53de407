"""What is asked of the workers before the first cell runs."""

from types import SimpleNamespace

import pytest

from lossbench.bench import sweep
from lossbench.bench.estimate import Cost
from lossbench.bench.plan import plan
from lossbench.bench.plan.request import Request
from lossbench.bench.workers.pool import Event

STRATEGIES = "mgda,pcgrad,sum,mean,uw,cagrad,si,gls"


class Pool:
    """Answers every request in one way, and keeps it."""

    def __init__(self, kind, **content):
        self.asked, self._answer = [], (kind, content)

    def run(self, requests):
        kind, content = self._answer
        for i, request in enumerate(requests):
            self.asked.append(request)
            yield Event("start", i, {})
            yield Event(kind, i, dict(content))


def cells(strategies=STRATEGIES):
    request = Request(
        strategies=strategies, tasks="two_digits", budget=0, single_task=False, static_weights=False
    )
    return plan.build(request).cells


def test_the_cheapest_cell_of_a_task_is_measured():
    pool = Pool("done", compile_s=2.0, step_s=1e-4)
    costs = sweep.measured(cells(), pool, "data")
    (request,) = pool.asked
    assert request["do"] == "measure"
    assert request["cell"]["label"] in ("sum", "mean", "uw", "si", "gls"), "one backward pass"
    plain = SimpleNamespace(strategy="sum", xla=False)
    assert costs == {"two_digits": Cost.measured(plain, 2.0, 1e-4)}


@pytest.mark.parametrize(
    ("strategies", "kind"), [("sum,mean", "done"), (STRATEGIES, "failed"), (STRATEGIES, "crashed")]
)
def test_few_cells_and_failures_leave_the_typical_cost(strategies, kind):
    pool = Pool(kind, compile_s=2.0, step_s=1e-4, reason="no")
    assert sweep.measured(cells(strategies), pool, "data") == {}
