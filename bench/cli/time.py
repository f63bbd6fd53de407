"""The command `lossbench time`: its options."""

from __future__ import annotations

import argparse

from ..plan.presets import DEFAULT_OUT
from ..timing.protocol import FULL


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
    add("--growth", action="store_true", help="how cost grows with losses and parameters, instead")
    add("--data-dir", help="folder of prepared data (default: $LOSSBENCH_DATA or a user cache)")
    add("--out", default=DEFAULT_OUT, help=f"results folder (default {DEFAULT_OUT})")
    return command


def execute(options: argparse.Namespace) -> int:
    """See `session.execute`, which is heavy to import."""
    from ..timing import session

    return session.execute(options)
