"""The command line: `lossbench` and `python -m lossbench.bench`.

Exit codes: 0 fine, 1 finished with failed cells, 2 bad input (one line on standard error).
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from .lazy import defer_heavy_imports, release

DEFAULT_OUT = "results/latest"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        from ...strategies.core.plugins import nearest

        wrong = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)
        if wrong:
            known = [word.strip("' ") for word in wrong[2].split(",")]
            message = f"no choice {wrong[1]!r}{nearest(wrong[1], known)}; one of {', '.join(known)}"
        raise ValueError(f"{message} (see `{self.prog} --help`)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    defer_heavy_imports()
    try:
        options = parser().parse_args(arguments)
        options.command_line = shlex.join(["lossbench", *arguments])
        return options.run(options)
    except ValueError as error:
        print(f"lossbench: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output went away
        sys.stderr.close()
        return 0
    except OSError as error:  # a full disk, a folder that vanished
        print(f"lossbench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nlossbench: stopped; finished cells are kept, run again to go on", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands and options."""
    from . import compare as versions
    from . import time as timing

    top = _Parser(prog="lossbench", description="Measures how to combine several losses.")
    top.add_argument("--version", action="version", version=f"lossbench {version('lossbench')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _run_options(
        commands.add_parser("run", help="train what is missing, then report")
    ).set_defaults(run=_run)
    _run_options(commands.add_parser("plan", help="show what `run` would do")).set_defaults(
        run=_plan
    )
    report = commands.add_parser("report", help="tables, figures and report.html of a folder")
    report.add_argument("directory", nargs="?", default=DEFAULT_OUT, help="results folder")
    report.set_defaults(run=_report)
    timed = commands.add_parser("time", help="what a step costs, XLA off and on")
    timing.options(timed)
    timed.set_defaults(run=timing.execute)
    versus = commands.add_parser("compare", help="what changed between two results folders")
    versions.options(versus)
    versus.set_defaults(run=versions.execute)
    listing = commands.add_parser("list", help="strategies, tasks or presets")
    listing.add_argument("what", choices=("strategies", "tasks", "presets"))
    listing.set_defaults(run=_list)
    prepare = commands.add_parser("prepare", help="prepare data sets ahead of a run")
    prepare.add_argument("names", nargs="*", help="data sets; default: all that need no network")
    prepare.add_argument("--data-dir", help="folder of prepared data")
    prepare.set_defaults(run=_prepare)
    doctor = commands.add_parser("doctor", help="check the installation and the machine")
    doctor.add_argument("--data-dir", help="folder of prepared data")
    doctor.set_defaults(run=_doctor)
    return top


def _run_options(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    add = command.add_argument
    add("--preset", default="quick", help="smoke, quick or full (`lossbench list presets`)")
    add("--strategies", help='names, calls or files: "sum,cagrad(c=0.4),mine.py"; or all')
    add("--tasks", help="names, files (file.py:task), varied as 'autoencode[sgd]'; or all")
    add("--seeds", type=_count, help="repetitions per cell")
    add("--steps", type=_count, help="training steps; default: the task's own number")
    add("--batch-size", type=_count, help="default: the task's own")
    add("--learning-rate", type=_positive, help="default: the task's own")
    add("--optimizer", choices=("adam", "sgd"), help="default: the task's own")
    add(
        "--scale",
        help='multiply losses, "right=0.01" (of one task: --tasks "two_digits[right*0.01]")',
    )
    add("--tune", type=_budget, help="trials per strategy and task, or 0 (default: the preset's)")
    add("--devices", help="cpu, gpu or cpu,gpu (default cpu)")
    add("--xla", help="off, on or both (default: the preset's)")
    add("--heads", default="own", help="own or weighted: what variables of one head follow")
    add(
        "--no-references",
        action="store_false",
        dest="references",
        help="do not train each loss alone, which delta-m and the retained share need",
    )
    add(
        "--no-curves",
        action="store_false",
        dest="curves",
        help="do not train the fixed weights that two losses are drawn against",
    )
    add(
        "--timing",
        action=argparse.BooleanOptionalAction,
        help="time the compiled steps afterwards (default: the preset's)",
    )
    add("--sequential", action="store_true", help="train one seed after the other")
    add("--engine", default="local", help="what starts the workers: local")
    add("--jobs", type=_count, help="worker processes (default: one per core)")
    add("--data-dir", help="folder of prepared data (default: $LOSSBENCH_DATA or a user cache)")
    add("--out", default=DEFAULT_OUT, help=f"results folder (default {DEFAULT_OUT})")
    return command


def _count(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return value


def _budget(text: str) -> int:
    return 0 if text.strip() == "0" else _count(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a finite number above 0, got {text!r}")
    return value


def _run(options: argparse.Namespace) -> int:
    from rich.console import Console

    from ..plan import plan
    from ..plan.presets import PRESETS
    from ..sweep import run
    from ..text.words import count

    console = Console()
    planned = plan.build(options, options.command_line)
    failures = run(planned, options, console)
    timed = PRESETS[options.preset].timing if options.timing is None else options.timing
    if timed:
        from ..plan.request import data_dir
        from ..timing.session import beside

        labels = planned.content["strategies"]
        chosen = {cell.strategy: None for cell in planned.cells if cell.label in labels}
        beside(Path(options.out), list(chosen), data_dir(options), console)
    _show(Path(options.out), console)
    if failures:
        failed = count(failures, "cell")
        console.print(f"{failed} failed; the report lists them, running again retries them")
    return 1 if failures else 0


def _plan(options: argparse.Namespace) -> int:
    from ..plan import plan
    from ..store.store import Store
    from ..text.words import clock, count

    planned = plan.build(options, options.command_line)
    store = Store(Path(options.out))
    missing = [cell for cell in planned.cells if not store.has(cell)]
    for cell in planned.cells:
        state = "to run" if cell in missing else "there"
        variant = "xla" if cell.xla else "graph"
        head = planned.alone(cell)
        print(
            f"{cell.key}  {state:6}  {cell.label} on {cell.task_name}, {cell.device}, {variant}, "
            f"{len(cell.seeds)} seeds, {cell.steps} steps"
            + (f", {cell.trials} trials" if cell.trials else "")
            + (f", reference: {head} alone" if head else "")
        )
    jobs, _ = plan.workers(options, "cpu")
    took = sum(plan.seconds(cell) for cell in missing) / jobs
    if planned.left_out:
        print(planned.left_out)
    total = count(len(planned.cells), "cell")
    print(f"{total}, {len(missing)} to run: very roughly {clock(took)}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from rich.console import Console

    _show(Path(options.directory), Console())
    return 0


def _show(directory: Path, console: Any) -> None:
    release()
    from ..report import report

    report(directory, console)


def _list(options: argparse.Namespace) -> int:
    from . import listing

    print(getattr(listing, options.what)())
    return 0


def _prepare(options: argparse.Namespace) -> int:
    release()
    from ...datasets import DataUnavailable
    from ...datasets.core.prepare import prepare
    from ..plan.request import data_dir

    try:
        prepare(options.names, data_dir(options))
    except DataUnavailable as error:
        raise ValueError(str(error)) from error
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from .doctor import examine

    return examine(options)


if __name__ == "__main__":
    sys.exit(main())
