"""The command `lossbench sweep`: how scores and ranking move along one axis."""

from __future__ import annotations

import argparse

from . import run
from .lazy import release


def options(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command: the axis, and those of `run`."""
    add = command.add_argument
    add(
        "--axis", required=True, help="steps, batch, rate, optimizer, scale, width, depth or losses"
    )
    add("--values", help='where on the axis, "500,1500,6000" (default: around the task\'s own)')
    add("--head", help="whose loss is scaled along --axis scale (default: the last one)")
    run.options(command)


def execute(options: argparse.Namespace) -> int:
    """Trains what is missing at every value, then reports how they differ.

    Returns:
        0, or 1 when cells failed.

    Raises:
        ValueError: the axis, a value or the rest of the request is refused; nothing has run then.
    """
    from rich.console import Console

    from .. import api
    from ..plan import axes, plan

    console, asked = Console(), run.request(options)
    points = axes.points(asked, options.axis, options.values, options.head)
    for point in points:  # all are looked at before the first one runs
        plan.build(point.request)
    failures = 0
    for number, point in enumerate(points, start=1):
        console.print(f"[{number}/{len(points)}] {point.name}: {options.axis} {point.value}")
        failures += api.train(point.request, console)
    release()
    from ..report.axis import write

    words = axes.AXES[options.axis].words
    write(
        [(point.task, point.value, point.request.out) for point in points],
        options.axis,
        words,
        asked.out,
        console,
    )
    return 1 if failures else 0
