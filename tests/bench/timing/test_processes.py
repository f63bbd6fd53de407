"""Processes that time: where they run, what comes back, and what one costs that dies."""

import os
from pathlib import Path

import pytest

from lossbench.bench.timing import processes
from lossbench.bench.timing.block import Block, Variant
from lossbench.bench.timing.processes import Answer, Children, Place
from lossbench.bench.workers.process import Process

SUM, OTHER = (Variant(name, False, "float32", 1) for name in ("sum", "pcgrad"))
BLOCK = Block("reference_2", (SUM, OTHER), "cpu", "", 3, 0.01, 0.0, 0)


def test_a_process_sees_its_gpu_or_none(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert processes.environment(Place(gpu=1))["CUDA_VISIBLE_DEVICES"] == "1"
    assert processes.environment(Place(core=0))["CUDA_VISIBLE_DEVICES"] == "-1"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    assert processes.environment(Place(gpu=1))["CUDA_VISIBLE_DEVICES"] == "7"


def test_an_answer_keeps_what_events_tell():
    answer = Answer(BLOCK, Place())
    answer.take({"event": "building", "variant": list(SUM)})
    assert answer.building == SUM
    answer.take({"event": "built", "variant": list(SUM), "flops": 1.0})
    answer.take({"event": "refused", "variant": list(OTHER), "reason": "no such op"})
    assert answer.building is None
    answer.take({"event": "remark", "text": "no peak"})
    answer.take({"event": "timed", "timings": [[list(SUM), [[2, 1]]]], "calls": [["square", 3]]})
    answer.take({"event": "round", "number": 1})
    assert answer.built == {SUM: {"flops": 1.0}}
    assert answer.failed == {OTHER: "no such op"}
    assert (answer.timings, answer.calls) == ({SUM: [[2, 1]]}, {"square": 3})
    assert answer.remarks == ["no peak"]


@pytest.fixture
def script(monkeypatch):
    """Has processes play back events, one list for each, and die when there are no more."""

    def play(*parts):
        left = list(parts)

        def converse(request, place, hear, children):
            asked.append(tuple(Variant(*v) for v in request["block"]["variants"]))
            for event in left.pop(0):
                hear(event)
                if event["event"] in ("done", "failed"):
                    return event.get("reason", "")
            return "worker process killed by signal 9"

        asked = []
        monkeypatch.setattr(processes, "_converse", converse)
        return asked

    return play


def built(variant):
    variant = list(variant)
    return [{"event": "building", "variant": variant}, {"event": "built", "variant": variant}]


def test_one_that_dies_costs_what_it_was_building_and_the_rest_is_tried_again(script):
    events = []
    asked = script(built(SUM) + built(OTHER)[:1], [*built(SUM), {"event": "done"}])
    (answer,) = processes.run([BLOCK], [Place()], events.append)
    assert asked == [(SUM, OTHER), (SUM,)]
    assert answer.failed == {OTHER: "worker process killed by signal 9"}
    assert list(answer.built) == [SUM]
    assert {event["block"] for event in events} == {0}
    assert [e["variant"] for e in events if e["event"] == "refused"] == [list(OTHER)]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ([], "worker process killed by signal 9"),
        ([{"event": "failed", "reason": "ValueError: no"}], "ValueError: no"),
    ],
)
def test_one_that_ends_while_it_times_costs_all_that_it_has_not_told(script, end, reason):
    asked = script(built(SUM) + built(OTHER) + end)
    (answer,) = processes.run([BLOCK], [Place()], lambda event: None)
    assert len(asked) == 1
    assert answer.failed == dict.fromkeys((SUM, OTHER), reason)


def test_ctrl_c_ends_the_processes_that_run_and_those_that_come():
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "workers")}
    children = Children()
    with Process("scripted_worker", path) as first, Process("scripted_worker", path) as second:
        children.add(first)
        children.close()
        children.add(second)
        for process in (first, second):
            assert process.last_words().startswith("worker process killed by signal 9")
