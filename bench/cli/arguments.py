"""All commands and their options. What a value may be, `plan.request` says, not the parser."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from . import axis, compare, doctor, listing, plan, prepare, report, run, time

COMMANDS = {  # name: its module, what it does
    "run": (run, "train what is missing, then report"),
    "sweep": (axis, "how scores and ranking move along one axis, as steps or width"),
    "plan": (plan, "show what `run` would do"),
    "report": (report, "tables, figures and report.html of a folder"),
    "time": (time, "what a step costs, XLA off and on"),
    "compare": (compare, "what changed between two results folders"),
    "list": (listing, "strategies, tasks or presets"),
    "prepare": (prepare, "prepare data sets ahead of a run"),
    "doctor": (doctor, "check the installation and the machine"),
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        from ...strategies.core.plugins import nearest

        wrong = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)
        if wrong:
            known = [word.strip("' ") for word in wrong[2].split(",")]
            message = f"no choice {wrong[1]!r}{nearest(wrong[1], known)}; one of {', '.join(known)}"
        raise ValueError(f"{message} (see `{self.prog} --help`)")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The options of a command, with `execute`, which takes them, and `words`, as they came.

    Raises:
        ValueError: there is no such command or option; the message names the nearest one.
    """
    return parser().parse_args(list(words), argparse.Namespace(words=tuple(words)))


def parser() -> argparse.ArgumentParser:
    """All commands and options."""
    top = _Parser(prog="lossbench", description="Measures how to combine several losses.")
    top.add_argument("--version", action="version", version=f"lossbench {version('lossbench')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, does) in COMMANDS.items():
        command = commands.add_parser(name, help=does)
        module.options(command)
        command.set_defaults(execute=module.execute)
    return top
