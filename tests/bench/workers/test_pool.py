"""The pool: who is given what, and what a process costs that dies."""

import os
import signal
import types
from collections import deque
from pathlib import Path

import pytest

from lossbench.bench.workers.pool import Pool, PoolError


@pytest.fixture
def pool(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    with Pool("scripted_worker", 2, 1, "cpu") as made:
        yield made


def outcomes(events):
    """The last event of each request, in their order."""
    return [kind for _, kind in sorted({event.index: event.kind for event in events}.items())]


def test_every_request_is_served_and_a_failed_one_costs_itself_alone(pool):
    events = list(pool.run([{}, {"fail": "no such cell"}, {}, {}]))
    assert outcomes(events) == ["done", "failed", "done", "done"]
    assert [e.content["reason"] for e in events if e.kind == "failed"] == ["no such cell"]
    assert sum(event.kind == "start" for event in events) == 4


@pytest.mark.parametrize("how", ["signal", "exit"])
def test_a_process_that_dies_costs_the_request_it_serves(pool, how):
    events = list(pool.run([{}, {"die": how}, {}, {"die": how}, {}]))
    assert outcomes(events) == ["done", "crashed", "done", "crashed", "done"]
    for event in events:
        if event.kind == "crashed":
            ended = "killed by signal 9" if how == "signal" else "ended with exit status 7"
            assert event.content["reason"] == f"worker process {ended}: about to end by {how}"


def test_a_process_that_retires_makes_way_for_another_and_costs_nothing(pool):
    events = list(pool.run([{}, {"retire": True}, {}, {"retire": True}, {}, {}]))
    assert outcomes(events) == ["done"] * 6
    pids = [event.content["pid"] for event in events if event.kind == "done"]
    assert len(set(pids)) > 2, "two at a time, and new ones in place of those that retired"
    assert outcomes(pool.run([{}] * 3)) == ["done"] * 3, "later requests too"


def test_what_a_process_prints_is_no_event(pool):
    assert outcomes(pool.run([{"print": "hello"}] * 3)) == ["done"] * 3


NONE_STARTS = "no worker process starts: worker process ended with exit status 7: about to end"


def test_processes_that_do_not_start_are_said(monkeypatch, pool):
    monkeypatch.setitem(pool._environment, "SCRIPTED_DIES_BEFORE_IT_IS_READY", "exit")
    with pytest.raises(PoolError, match=NONE_STARTS):
        list(pool.run([{}] * 3))


def test_processes_that_take_no_request_are_not_started_for_ever(monkeypatch, pool):
    monkeypatch.setitem(pool._environment, "SCRIPTED_DIES_WHEN_IT_IS_READY", "exit")
    events, said = [], ""
    try:
        events.extend(pool.run([{}] * 3))
    except PoolError as error:
        said = str(error)
    # Or each died with a request in its hands.
    assert said.startswith(NONE_STARTS) or outcomes(events) == ["crashed"] * 3


def test_a_process_that_dies_while_it_waits_costs_no_request(pool):
    pids = {event.content["pid"] for event in pool.run([{}] * 8) if event.kind == "done"}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for worker in pool._workers:
        if worker.given:
            worker.process.last_words()  # waits for its end
    assert outcomes(pool.run([{}] * 3)) == ["done"] * 3


def given(worker, waiting):
    """The name of the request that a worker is given."""
    (event,) = worker.pool._give(worker, waiting)
    assert worker.index == event.index
    worker.index = None  # served
    return worker.sent["name"]


def test_a_process_goes_on_with_what_it_holds():
    pool = Pool("no_such_worker", 2, 1, "cpu")  # starts no process before it has requests
    for _ in range(2):
        worker = types.SimpleNamespace(index=None, shares="", free=True, pool=pool)
        worker.process = types.SimpleNamespace(
            send=lambda request, worker=worker: setattr(worker, "sent", request)
        )
        pool._workers.append(worker)
    one, other = pool._workers
    names = ["a", "b", "c", "a tuned", "b tuned", "c tuned"]
    waiting = deque(enumerate({"name": n, "shares": n.split()[0]} for n in names))
    assert given(one, waiting) == "a"
    assert given(other, waiting) == "b"
    assert given(one, waiting) == "a tuned"
    assert given(one, waiting) == "c", "b tuned is for the other"
    assert given(other, waiting) == "b tuned"
    assert given(other, waiting) == "c tuned", "better than to wait"
    assert not waiting
    pool._workers.clear()


@pytest.mark.skipif(os.name != "posix", reason="there is no such timer")
def test_ctrl_c_at_any_moment_lets_the_processes_end(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for moment in range(40):
            pool = Pool("scripted_worker", 1, 1, "cpu")
            events = pool.run([{"for_ever": True}])
            assert next(events).kind == "start"
            signal.setitimer(signal.ITIMER_REAL, 1e-3 + 1e-4 * moment)
            with pytest.raises(KeyboardInterrupt):
                deque(events)
            (worker,) = pool._workers
            worker.process.kill()
            worker._ear.join(10)
            assert not worker._ear.is_alive()
            worker.stop()
    finally:
        signal.signal(signal.SIGALRM, before)
