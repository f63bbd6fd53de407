"""A worker process: it answers, and when it dies, at whatever moment, it is known how."""

import os
from pathlib import Path

import pytest

from lossbench.bench.workers.process import Process


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent), **more}


def scripted(**more):
    return Process("scripted_worker", environment(**more))


def test_requests_are_answered_in_their_order_until_there_are_no_more():
    with scripted() as process:
        for name in "ab":
            process.send({"name": name})
        process.no_more()
        kinds = [(event["event"], event.get("name")) for event in process.events()]
        assert kinds == [("ready", None), ("done", "a"), ("done", "b")]
        assert process.last_words() == "worker process ended with exit status 0"
        assert not process.alive


@pytest.mark.parametrize(
    "line", ["a library says hello", "17", "[1]", '{"no": "event"}', '{"event": 3}', "{", "ü"]
)
def test_a_line_that_is_no_event_is_passed_over(line):
    with scripted(PYTHONIOENCODING="utf-8") as process:
        process.send({"print": line})
        process.send({"die": "exit"})
        assert [event["event"] for event in process.events()] == ["ready", "done"]
        assert process.last_words().endswith("exit status 7: about to end by exit")


def test_such_a_line_is_the_last_word_where_there_is_no_other():
    with scripted() as process:
        process.send({"print": "the last that was heard"})
        process.no_more()
        list(process.events())
        assert process.last_words().endswith("exit status 0: the last that was heard")


@pytest.mark.parametrize(
    ("more", "request_", "kinds"),
    [
        ({"SCRIPTED_DIES_BEFORE_IT_IS_READY": "signal"}, {}, []),
        ({"SCRIPTED_DIES_WHEN_IT_IS_READY": "signal"}, {}, ["ready"]),
        ({}, {"die": "signal"}, ["ready"]),
    ],
)
def test_it_is_known_how_it_died_whenever_that_was(more, request_, kinds):
    with scripted(**more) as process:
        process.send(request_)
        assert [event["event"] for event in process.events()] == kinds
        process.send({"to": "nobody"})
        expected = "worker process killed by signal 9: about to end by signal"
        assert process.last_words() == expected


def test_a_module_that_does_not_exist_is_told_in_one_line():
    with Process("no_such_worker", environment()) as process:
        assert list(process.events()) == []
        words = process.last_words()
    assert words.startswith("worker process ended with exit status 1: ")
    assert words.endswith("No module named no_such_worker")


def test_one_that_has_more_to_do_ends_with_its_block():
    with scripted() as process:
        assert next(process.events())["event"] == "ready"
        assert process.alive
    assert not process.alive
