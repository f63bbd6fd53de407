"""`lossbench time`: its options, and what it does with them."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..plan.presets import DEFAULT_OUT
from ..timing.protocol import FULL, QUICK, SCALING, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from ..step_times import TimingDisplay


def options(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Adds the options of `lossbench time`."""
    add = command.add_argument
    add("--strategies", help='names, calls or files: "pcgrad,cagrad(c=0.4)"; default: all')
    add(
        "--tasks",
        help="tasks, or reference_K: the reference model with K losses "
        "(default reference_2,reference_3)",
    )
    add("--xla", default="both", help="off, on or both (default both)")
    add("--devices", default="cpu", help="cpu, gpu or cpu,gpu (default cpu)")
    add(
        "--precision", help="float32, mixed or float32,mixed (default: both on a GPU, else float32)"
    )
    add("--processes", type=int, help=f"fresh processes (default {FULL.processes})")
    add("--rounds", type=int, help=f"rounds in each (default {FULL.rounds})")
    add("--seeds", type=int, help="also time so many seeds at once (default: one alone)")
    add(
        "--jobs", type=int, help=f"processes at a time, each pinned to a core (default {FULL.jobs})"
    )
    add(
        "--quick", action="store_true", help="in minutes: shorter calls, a process per core at once"
    )
    add("--scaling", action="store_true", help="how cost grows with losses and parameters, instead")
    add("--growth", action="store_true", dest="scaling", help=argparse.SUPPRESS)
    add("--data-dir", help="folder of prepared data (default: $LOSSBENCH_DATA or a user cache)")
    add("--out", default=DEFAULT_OUT, help=f"results folder (default {DEFAULT_OUT})")
    return command


def execute(options: argparse.Namespace) -> int:
    """Times what the options ask for, writes the table, says how repeatable it is.

    Returns:
        0, or 1 when something could not be timed; the rows say why.

    Raises:
        ValueError: a strategy, a task or an option has no such choice; nothing was timed then.
    """
    from rich.console import Console

    from ..plan.values import XLA, choose, data_dir, folder, words
    from ..step_times import TimingDisplay, tell
    from ..store import schema
    from ..text.words import count
    from ..timing import times

    own = [key for key in ("tasks", "precision", "seeds", "quick") if getattr(options, key)]
    if options.scaling and own:
        raise ValueError(
            f"--scaling times problems of its own in float32, one seed: it goes without --{own[0]}"
        )
    common = {
        "xla": XLA[choose("xla", options.xla, XLA)],
        "devices": words(options.devices) or ["cpu"],
        "data_dir": data_dir(options.data_dir),
    }
    directory, console = folder("out", options.out).absolute(), Console()
    name = schema.SCALING if options.scaling else schema.TIMES
    times.require(directory, name)
    measured = _scaling if options.scaling else _times
    with TimingDisplay(console) as shown:
        rows = measured(directory, options, common, shown)
    tell(rows, console)
    console.print(f"{count(len(rows), 'row')} in {directory / name}", soft_wrap=True)
    return 0 if (rows["status"] != "failed").all() and (rows["status"] == "ok").any() else 1


def _times(
    directory: Path, options: argparse.Namespace, common: dict[str, Any], shown: TimingDisplay
) -> pd.DataFrame:
    """Times strategies on problems."""
    from ...strategies.core import registry
    from ..plan.values import choose, words
    from ..timing import times
    from ..timing.block import PRECISIONS
    from ..timing.measure import measure
    from ..timing.problems import DEFAULT

    chosen = words(options.strategies)
    precisions = [choose("precision", word, PRECISIONS) for word in words(options.precision)]
    rows = measure(
        list(registry.names() if chosen in ([], ["all"]) else chosen),
        words(options.tasks) or DEFAULT[: 1 if options.quick else None],
        precisions=precisions or None,
        protocol=protocol_of(options, QUICK if options.quick else FULL),
        on_progress=shown,
        **common,
    )
    times.merge(directory, rows)
    return rows


def _scaling(
    directory: Path, options: argparse.Namespace, common: dict[str, Any], shown: TimingDisplay
) -> pd.DataFrame:
    """Times the grid of losses and parameters, keeps every point, and draws the figure."""
    from ..plan.values import words
    from ..store import schema
    from ..timing import scaling, times
    from .lazy import release

    rows = scaling.measure_grid(
        strategies=words(options.strategies) or scaling.CLASSES,
        protocol=protocol_of(options, SCALING),
        on_progress=shown,
        on_rows=lambda rows: times.merge(directory, rows, schema.SCALING),
        **common,
    )
    release()
    from ..report.figures.scaling import write as write_figure

    write_figure(times.read(directory, schema.SCALING), directory / "figures")
    return rows


def protocol_of(options: argparse.Namespace, preset: Protocol) -> Protocol:
    """The protocol with what the options say otherwise.

    Raises:
        ValueError: a number is too small, or there are not so many cores.
    """
    from ..machine import environment

    given = {key: getattr(options, key) for key in ("processes", "rounds", "seeds", "jobs")}
    given = {key: value for key, value in given.items() if value is not None}
    for key, value in given.items():
        least = 2 if key == "seeds" else 1
        if value < least:
            raise ValueError(f"--{key}: expected a whole number of at least {least}, got {value}")
    cores = environment.cores()
    if given.get("jobs", 1) > cores:
        raise ValueError(
            f"--jobs: {given['jobs']} processes at a time need as many cores; there are {cores}"
        )
    return dataclasses.replace(preset, **{"jobs": min(preset.jobs, cores), **given})
