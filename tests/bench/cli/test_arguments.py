"""From words to a request, without running anything."""

from __future__ import annotations

import pytest

from lossbench.bench.cli import arguments, run
from lossbench.bench.plan.request import Request


def asked(*words):
    return run.request(arguments.parse(["run", *words]))


def test_what_is_not_given_is_the_default():
    assert asked() == Request(command="lossbench run")


def test_the_command_is_kept_as_it_came():
    request = asked("--tasks", "two_digits[right*0.01] units", "--tune", "4", "--no-timing")
    assert request.command == (
        "lossbench run --tasks 'two_digits[right*0.01] units' --tune 4 --no-timing"
    )
    assert (request.budget, request.timing) == (4, False)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("--no-single-task", "single_task"),
        ("--no-references", "single_task"),
        ("--no-static-weights", "static_weights"),
        ("--no-curves", "static_weights"),
    ],
)
def test_options_have_a_new_name_and_the_old_one_works(word, name):
    request = asked(word)
    assert [request.single_task, request.static_weights].count(False) == 1
    assert getattr(request, name) is False


def test_the_help_shows_the_new_names_alone(capsys):
    with pytest.raises(SystemExit):
        arguments.parse(["run", "--help"])
    text = capsys.readouterr().out
    assert "--no-single-task" in text
    assert "--no-static-weights" in text
    assert "--no-references" not in text
    assert "--no-curves" not in text
