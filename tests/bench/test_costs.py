"""What cells cost here, measured before the first one, and whether that is less with XLA."""

from types import SimpleNamespace

import pytest

from lossbench.bench import costs
from lossbench.bench.estimate import Cost
from lossbench.bench.plan import plan
from lossbench.bench.plan.request import Request
from lossbench.bench.workers.pool import Event

STRATEGIES = "mgda,pcgrad,sum,mean,uw,cagrad,si,gls"


class Pool:
    """Answers by what is asked, and keeps that."""

    def __init__(self, answer):
        self.asked, self._answer = [], answer

    def run(self, requests):
        for i, request in enumerate(requests):
            self.asked.append(request)
            kind, content = self._answer(request)
            yield Event("start", i, {})
            yield Event(kind, i, dict(content))


def always(kind, **content):
    return Pool(lambda request: (kind, content))


def planned(strategies=STRATEGIES, **given):
    given = {"budget": 0, "single_task": False, "static_weights": False, **given}
    return plan.build(Request(strategies=strategies, tasks="two_digits", **given))


def test_the_cheapest_cell_of_a_task_is_measured():
    pool = always("done", compile_s=2.0, step_s=1e-4)
    found = costs.measured(planned().cells, pool, "data")
    (request,) = pool.asked
    assert request["do"] == "measure"
    assert request["cell"]["label"] in ("sum", "mean", "uw", "si", "gls"), "one backward pass"
    plain = SimpleNamespace(strategy="sum", xla=False)
    assert found == {"two_digits": Cost.measured(plain, 2.0, 1e-4)}


@pytest.mark.parametrize(
    ("strategies", "kind"), [("sum,mean", "done"), (STRATEGIES, "failed"), (STRATEGIES, "crashed")]
)
def test_few_cells_and_failures_leave_the_typical_cost(strategies, kind):
    pool = always(kind, compile_s=2.0, step_s=1e-4, reason="no")
    assert costs.measured(planned(strategies).cells, pool, "data") == {}


def store(*xla, task="two_digits"):
    cells = [SimpleNamespace(spec={"xla": each, "task_name": task}) for each in xla]
    return SimpleNamespace(stored=lambda: iter(cells))


def by_variant(off, on):
    """Answers a measurement with (compile_s, step_s) of its variant."""

    def answer(request):
        compile_s, step_s = on if request["cell"]["xla"] else off
        return "done", {"compile_s": compile_s, "step_s": step_s}

    return Pool(answer)


@pytest.mark.parametrize(
    ("on", "steps", "chosen"),
    [
        ((1.0, 2e-5), None, True),  # the steps repay compiling
        ((2.0, 2e-5), None, False),  # hardly
        ((2.0, 2e-5), 10, False),  # these are too few
        ((2.0, 1e-4), None, False),  # these are no faster
    ],
)
def test_xla_is_on_where_the_whole_takes_less_time(on, steps, chosen):
    made = planned(xla="auto", steps=steps)
    assert made.auto
    decided, why = costs.decided(made, by_variant((0.7, 1e-4), on), store())
    assert {cell.xla for cell in decided.cells} == {chosen}
    assert decided.content["cells"] == [cell.key for cell in decided.cells]
    assert why.startswith(f"XLA {'on' if chosen else 'off'}: ")


def test_what_is_in_the_folder_decides_for_what_comes_beside_it():
    pool = by_variant((0.7, 1e-4), (0.7, 1e-5))
    decided, why = costs.decided(planned(xla="auto"), pool, store(False, False, True))
    assert {cell.xla for cell in decided.cells} == {False}
    assert why == "XLA off, as in what is there already"
    assert not pool.asked
    other = store(False, task="units")
    assert {cell.xla for cell in costs.decided(planned(xla="auto"), pool, other)[0].cells} == {True}


@pytest.mark.parametrize("given", [{"xla": "on"}, {"xla": "off"}, {"xla": "both"}])
def test_what_was_asked_for_is_not_measured(given):
    made, pool = planned(**given), always("failed", reason="no")
    assert costs.decided(made, pool, store()) == (made, "")
    assert not pool.asked


def test_few_cells_run_without():
    made = planned("sum,mean", xla="auto")
    pool = by_variant((0.7, 1e-4), (0.7, 1e-5))
    assert costs.decided(made, pool, store()) == (made, "")
