"""A measurement: which blocks run in which processes, and the table that they make."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ...strategies.core import registry
from ..machine import environment
from ..machine.scheduling import own_cores
from ..plan import code_hash, tasks
from ..plan.baselines import BASELINE
from . import analysis, processes
from . import problems as named
from .block import PRECISIONS, Block, Variant, split, variants_of
from .processes import Answer, Place
from .protocol import FULL, Protocol

DEVICES = ("cpu", "gpu")
Progress = Callable[[str, float], None]


def measure(
    strategies: Sequence[str],
    problems: Sequence[str] = named.DEFAULT,
    *,
    xla: Sequence[bool] = (False, True),
    devices: Sequence[str] = ("cpu",),
    precisions: Sequence[str] | None = None,
    protocol: Protocol = FULL,
    data_dir: Path,
    on_progress: Progress = lambda text, share: None,
) -> pd.DataFrame:
    """Time the compiled training step of strategies.

    Args:
        strategies: what `strategies.get` takes; `sum` is timed with them in any case.
        problems: what `problems.get` takes.
        xla: compiled by it or not.
        devices: "cpu", "gpu"; one that is not there becomes rows that say so.
        precisions: "float32", "mixed"; default: both on a GPU, float32 on a CPU.
        protocol: how long and how often.
        data_dir: folder of prepared data.
        on_progress: told what happens and the share of the work that is done, from threads.

    Returns:
        One row per (label, task, device, xla, precision); see `analysis.rows`.

    Raises:
        ValueError: a strategy or a task does not exist, or a task's data have not been prepared.

    Example:
        measure(["pcgrad"], ["reference_2"], protocol=QUICK, data_dir=Path("data"))
    """
    labels = {name: registry.label(registry.get(name)) for name in (BASELINE, *strategies)}
    unique = {label: name for name, label in reversed(labels.items())}  # one call per label
    for name in problems:
        tasks.require(named.get(name), data_dir)
    rows: list[dict[str, Any]] = []
    for device in dict.fromkeys(devices):
        wanted = precisions or (PRECISIONS if device == "gpu" else PRECISIONS[:1])
        variants = variants_of(list(unique.values()), xla, wanted, protocol.seeds)
        places, reason = places_of(device, protocol)
        if reason:
            on_progress(f"{reason}; its rows say so, the rest goes on", math.nan)
            rows += unmeasured(list(labels), problems, device, variants, "unavailable", reason)
            continue
        blocks = list(split(problems, device, variants, protocol, data_dir))
        follow = _Follower(blocks, labels, on_progress)
        answers = list(processes.run(blocks, places, follow))
        for problem in problems:
            found = [answer for answer in answers if answer.block.task == problem]
            made = analysis.rows(found, labels)
            machine = json.dumps(_machine(found))
            rows += [{**row, "environment": machine, "finished": time.time()} for row in made]
    code = {label: code_of(name) for label, name in unique.items()}
    return pd.DataFrame([{**row, "code": code[row["label"]]} for row in rows])


def code_of(strategy: str) -> str:
    """Hash of the code that a timing depends on: of the strategy, the engine and this protocol."""
    path = registry.FOLDER.file_of(registry.parse_call(strategy)[0])
    protocol = Path(__file__).parent / "rounds.py"
    return code_hash.of([(path, registry.FOLDER.path), (protocol, protocol.parent)])


def places_of(device: str, protocol: Protocol) -> tuple[list[Place], str]:
    """Where processes of a device run, or why there are none."""
    if device == "cpu":
        pinned = [Place(core=core) for core in own_cores()[: protocol.jobs]]
        return pinned or [Place()] * protocol.jobs, ""
    if device == "gpu":
        found = processes.gpus()
        threads = max(1, environment.cores() // max(1, len(found)))
        places = [Place(gpu=number, threads=threads) for number in range(len(found))]
        return places, "" if places else "no GPU found by TensorFlow (see `lossbench doctor`)"
    return [], f"no device {device!r}: steps are timed on {' and '.join(DEVICES)}"


def unmeasured(
    strategies: Sequence[str],
    problems: Sequence[str],
    device: str,
    variants: Sequence[Variant],
    status: str,
    reason: str,
) -> list[dict[str, Any]]:
    """Rows that say why there is nothing in them."""
    labels = {name: registry.label(registry.get(name)) for name in strategies}
    return [
        {
            **analysis.blank(variant, labels[variant.strategy], problem, device, status, reason),
            "environment": "{}",
            "finished": time.time(),
        }
        for problem in problems
        for variant in variants
        if variant.seeds == 1
    ]


def _machine(answers: Sequence[Answer]) -> dict[str, Any]:
    """Versions, processor, threads and places: of all processes of a table."""
    told = [answer for answer in answers if answer.machine]
    about = environment.describe(told[0].place.threads if told else 1)
    about |= {
        "pinned": [answer.machine["cores"] for answer in told if answer.place.core is not None]
    }
    first = told[0].machine if told else {}
    about |= {key: first.get(key) for key in ("intra_op", "inter_op", "tf32", "clock", "policy")}
    return about | {"gpus": sorted({a.place.gpu for a in told if a.place.gpu is not None})}


class _Follower:
    """Turns events into words and the share of the work that is done."""

    def __init__(
        self, blocks: Sequence[Block], labels: dict[str, str], on_progress: Progress
    ) -> None:
        self._blocks, self._labels, self._on_progress = blocks, labels, on_progress
        # Building a variant takes about as long as timing it in all rounds.
        self._total = sum(2 * len(block.variants) for block in blocks)
        self._done = [0.0] * len(blocks)  # a block whose process died is built again

    def __call__(self, event: dict[str, Any]) -> None:
        number, kind = event["block"], event["event"]
        block = self._blocks[number]
        where = f"{block.task}, process {block.process + 1}"
        if kind in ("built", "refused"):
            self._done[number] += 1
            label = self._labels[event["variant"][0]]
            variant = f"XLA {'on' if event['variant'][1] else 'off'}"
            if kind == "refused":
                text = f"{label} on {block.task}, {block.device}, {variant}: {event['reason']}"
                self._on_progress(text, math.nan)
            else:
                self._on_progress(f"{where}: built {label}, {variant}", self._share)
        elif kind == "round":
            self._done[number] += len(block.variants) / block.rounds
            self._on_progress(f"{where}: round {event['number']}", self._share)
        elif kind == "done":
            self._done[number] = 2 * len(block.variants)
            self._on_progress(f"{where}: done", self._share)

    @property
    def _share(self) -> float:
        most = (2 * len(block.variants) for block in self._blocks)
        return sum(map(min, self._done, most)) / self._total
