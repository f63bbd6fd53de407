"""The command `lossbench run`: its options, and what it prints."""

from __future__ import annotations

import argparse
import dataclasses
import shlex
from typing import TYPE_CHECKING

from ..plan.presets import DEFAULT_OUT
from .lazy import release

if TYPE_CHECKING:
    from ..plan.request import Request


def options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `run` and `plan`; what is not given is None."""
    add = command.add_argument
    add(
        "--preset",
        help="smoke, quick, reference, tasks or full (`lossbench list presets`); default quick",
    )
    add("--strategies", help='names, calls or files: "sum,cagrad(c=0.4),mine.py"; or all')
    add("--tasks", help="names, files (file.py:task), varied as 'autoencode[sgd]'; or all")
    add("--seeds", help="repetitions per cell")
    add("--steps", help="training steps; default: the task's own number")
    add("--batch-size", help="default: the task's own")
    add("--learning-rate", help="default: the task's own")
    add("--optimizer", help="adam or sgd; default: the task's own")
    add(
        "--scale",
        help='multiply losses, "right=0.01" (of one task: --tasks "two_digits[right*0.01]")',
    )
    add(
        "--tune",
        dest="budget",
        metavar="TRIALS",
        help="trials per strategy and task, or 0 (default: the preset's)",
    )
    add("--tunings", help="tune so many times, the seeds shared out among them (default 1)")
    add("--splits", help="run small packaged data in so many splits (default 1)")
    add("--devices", help="cpu, gpu or cpu,gpu (default cpu)")
    add("--xla", help="off, on, both, or auto: what takes less time here (default: the preset's)")
    add("--heads", help="own or weighted: what variables of one head follow (default own)")
    for name, old, what in (
        ("single_task", "--no-references", "each loss alone, which delta-m and the score need"),
        ("static_weights", "--no-curves", "the static weights that two losses are drawn against"),
    ):
        new = f"--no-{name.replace('_', '-')}"
        without = {"action": "store_const", "const": False, "dest": name}
        add(new, **without, help=f"do not train {what}")
        add(old, **without, help=argparse.SUPPRESS)  # as it was called before
    add(
        "--untuned",
        action=argparse.BooleanOptionalAction,
        help="train what is tuned untuned too (default: with --tune, else the preset's)",
    )
    add(
        "--timing",
        action=argparse.BooleanOptionalAction,
        help="time the compiled steps afterwards (default: the preset's)",
    )
    add("--sequential", action="store_true", help="train one seed after the other")
    add("--engine", help="what starts the workers: local")
    add("--jobs", help="worker processes (default: one per core)")
    add("--data-dir", help="folder of prepared data (default: $LOSSBENCH_DATA or a user cache)")
    add("--out", help=f"results folder (default {DEFAULT_OUT})")


def request(options: argparse.Namespace) -> Request:
    """What is asked for.

    Raises:
        ValueError: an option has no such value.
    """
    from ..plan.request import Request

    names = [field.name for field in dataclasses.fields(Request) if field.name != "command"]
    command = shlex.join(["lossbench", *options.words])
    return Request(**{name: getattr(options, name) for name in names}, command=command)


def execute(options: argparse.Namespace) -> int:
    """Trains what is missing, then reports.

    Returns:
        0, or 1 when cells failed.
    """
    from rich.console import Console

    from .. import api
    from ..text.words import count
    from .report import show

    asked, console = request(options), Console()
    failures = api.train(asked, console)
    release()
    show(asked.out, console)
    if failures:
        failed = count(failures, "cell")
        console.print(f"{failed} failed; the report lists them, running again retries them")
    return 1 if failures else 0
