"""The worker's side: answers, failures in one line, and nothing but events on standard output."""

import os
import signal
from pathlib import Path

import pytest

from lossbench.bench.machine.scheduling import variables
from lossbench.bench.workers.process import Process


@pytest.fixture(scope="module")
def served():
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    with Process("served_worker", {**variables(1), "PYTHONPATH": path}) as process:
        process.events_ = process.events()
        assert next(process.events_) == {"event": "ready"}
        yield process


def answer(process, **request):
    """All events up to the answer."""
    process.send(request)
    found = []
    for event in process.events_:
        found.append(event)
        if event["event"] in ("done", "failed"):
            return found
    return [*found, process.last_words()]


def test_what_happens_is_said_and_what_is_returned_is_done(served):
    *said, done = answer(served, do="echo", text="ü", times=2)
    assert said == [{"event": "step", "number": 0}, {"event": "step", "number": 1}]
    assert done["event"] == "done"
    assert done["text"] == "ü"
    assert done["policy"] in ("batch", "unknown")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"do": "fail", "how": "user"}, "a reason in two lines of user"),
        ({"do": "fail", "how": "data"}, "a reason in two lines of data"),
        ({"do": "fail", "how": "bug"}, "KeyError: 'a reason\\nin two lines of bug'"),
        ({"do": "sing"}, "KeyError: 'sing'"),
        ({}, "KeyError: 'do'"),
    ],
)
def test_a_failure_is_a_reason_in_one_line_and_the_next_request_is_answered(
    served, request_, reason
):
    assert answer(served, **request_) == [{"event": "failed", "reason": reason}]
    assert answer(served, do="echo", text="", times=0)[-1]["event"] == "done"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is not told here")
def test_a_worker_that_has_grown_makes_way_for_a_fresh_one():
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    with Process("served_worker", {**variables(1), "PYTHONPATH": path}) as process:
        process.send({"do": "echo", "text": "", "times": 0})
        process.send({"do": "grow"})
        process.send({"do": "echo", "text": "", "times": 0})
        ready, small, grown = process.events()
    assert ready == {"event": "ready"}
    assert (small["event"], "retires" in small) == ("done", False)
    assert grown == {"event": "done", "retires": True}


def test_ctrl_c_is_the_parents_to_handle(served):
    served._process.send_signal(signal.SIGINT)
    assert answer(served, do="echo", text="", times=0)[-1]["event"] == "done"


def test_it_ends_when_there_are_no_more_requests_and_has_printed_to_its_words(served):
    served.no_more()
    assert list(served.events_) == []
    assert served.last_words() == "worker process ended with exit status 0: the end"
    words = served._words
    words.seek(0)
    text = words.read().decode()
    assert "straight to the standard output" in text
    assert "and by way of Python" in text
    assert "heard by nobody" not in text
    assert "Traceback" in text, "for whoever writes the plug-in"
