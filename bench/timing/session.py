"""What `lossbench time` does, and what `lossbench run` times beside its cells."""

from __future__ import annotations

import argparse
import dataclasses
import math
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import TimeElapsedColumn
from rich.text import Text

from ...strategies.core import registry
from ..cli.lazy import release
from ..machine import environment
from ..plan.values import XLA, choose, data_dir, words
from ..progress import LiveBar
from ..store.schema import SCALING, TIMES
from ..text.words import clock, count
from . import analysis, scaling, times
from . import problems as reference
from .measure import PRECISIONS, Progress, code_of, measure
from .protocol import FULL, GROWTH, QUICK, Protocol


def execute(options: argparse.Namespace) -> int:
    """Times what the options ask for, writes times.parquet, says how repeatable it is.

    Returns:
        0, or 1 when something could not be timed; the rows say why.

    Raises:
        ValueError: a strategy, a task or an option has no such choice; nothing was timed then.
    """
    own = [key for key in ("tasks", "precision", "seeds", "quick") if getattr(options, key)]
    if options.growth and own:
        raise ValueError(
            f"--growth times problems of its own in float32, one seed: it goes without --{own[0]}"
        )
    xla = XLA[choose("xla", options.xla, XLA)]
    chosen = words(options.strategies)
    devices = words(options.devices) or ["cpu"]
    precisions = [choose("precision", word, PRECISIONS) for word in words(options.precision)]
    directory = Path(options.out).expanduser().absolute()
    name = SCALING if options.growth else TIMES
    times.require(directory, name)
    console = Console()
    problems = words(options.tasks) or list(reference.DEFAULT[: 1 if options.quick else None])
    common = {"xla": xla, "devices": devices, "data_dir": data_dir(options.data_dir)}
    with Shown(console) as shown:
        if options.growth:
            rows = grow(directory, chosen, options, common, shown)
        else:
            strategies = list(registry.names() if chosen in ([], ["all"]) else chosen)
            rows = measure(
                strategies,
                problems,
                precisions=precisions or None,
                protocol=protocol_of(options, QUICK if options.quick else FULL),
                on_progress=shown,
                **common,
            )
            times.merge(directory, rows)
    for line in summary(rows):
        console.print(Text(line), soft_wrap=True)
    console.print(f"{count(len(rows), 'row')} in {directory / name}", soft_wrap=True)
    return 0 if (rows["status"] != "failed").all() and (rows["status"] == "ok").any() else 1


def beside(directory: Path, strategies: Sequence[str], data_dir: Path, console: Console) -> None:
    """What `lossbench run` times for its report: the steps of the strategies on the CPU, quickly.

    On the reference model with two losses, XLA off and on. What is in the folder already, of
    today's code, is not timed again.
    """
    problems = reference.DEFAULT[:1]
    there = set()
    if (known := times.read(directory)) is not None:
        known = known[(known["task"] == problems[0]) & (known["device"] == "cpu")]
        there = set(zip(known["label"], known["xla"], known["code"], strict=True))
    missing = [
        name
        for name in strategies
        for label in [registry.label(registry.get(name))]
        if not {(label, xla, code_of(name)) for xla in ("off", "on")} <= there
    ]
    if not missing:
        return
    console.print(f"timing the steps of {len(missing)} of the strategies ...")
    with Shown(console) as shown:
        rows = measure(
            missing,
            problems,
            protocol=dataclasses.replace(QUICK, jobs=min(QUICK.jobs, environment.cores())),
            data_dir=data_dir,
            on_progress=shown,
        )
    times.merge(directory, rows)
    for line in summary(rows):
        console.print(Text(line), soft_wrap=True)


def grow(
    directory: Path,
    chosen: list[str],
    options: argparse.Namespace,
    common: dict[str, Any],
    shown: Progress,
) -> Any:
    """Times the grid of losses and parameters, keeps every point, and draws the figure."""
    rows = scaling.grow(
        strategies=chosen or scaling.CLASSES,
        protocol=protocol_of(options, GROWTH),
        on_progress=shown,
        on_rows=lambda rows: times.merge(directory, rows, SCALING),
        **common,
    )
    release()
    from ..report.figures.scaling import write as write_figure

    write_figure(times.read(directory, SCALING), directory / "figures")
    return rows


def protocol_of(options: argparse.Namespace, preset: Protocol) -> Protocol:
    """The protocol with what the options say otherwise.

    Raises:
        ValueError: a number is too small, or there are not so many cores.
    """
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


def summary(rows: Any) -> list[str]:
    """What a reader of the terminal must know: failures, load, repeatability."""
    lines = []
    disturbed = rows[rows["words"].str.contains(analysis.LOADED)]
    if len(disturbed):
        share = 100 * disturbed["cpu_share"].min()
        lines.append(
            f"{analysis.LOADED}: a process had {share:.0f} % of its core; "
            "time again when it is quiet"
        )
    unclear = rows["words"].str.contains("larger than the difference").sum()
    if unclear:
        lines.append(
            f"{count(unclear, 'ratio')} can't be told from 1: the spread between processes is "
            "larger than the difference"
        )
    told = analysis.repeatability(rows)
    return [*lines, told] if told else lines


class Shown(LiveBar):
    """Progress in a terminal: a bar; elsewhere: one line for every tenth of the work."""

    def __init__(self, console: Console) -> None:
        self._lock, self._told = threading.Lock(), 0.0
        super().__init__(console, 1.0, TimeElapsedColumn())

    def __call__(self, text: str, share: float) -> None:
        """What happens, and the share of the work that is done; NaN: to be read by everyone."""
        with self._lock:
            if math.isnan(share):
                self._console.print(Text(text, style="red"), soft_wrap=True)
            elif self._bar:
                self._bar.update(self._task, completed=share, description=text)
            elif share >= self._told + 0.1 or share >= 1:
                self._told = share
                passed = clock(time.monotonic() - self._began)
                self._console.print(f"{100 * share:.0f} %, {passed}: {text}", soft_wrap=True)
