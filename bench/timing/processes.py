"""Fresh processes for blocks: one per core or GPU at a time, and what comes back from them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..machine.scheduling import variables
from .block import Block, Variant

Say = Callable[[dict[str, Any]], None]


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a process runs: pinned to a core, or alone on a GPU.

    Attributes:
        core: of the CPU; None leaves the process to the operating system.
        gpu: number of the GPU; None hides all of them.
        threads: within operations; one between operations.
    """

    core: int | None = None
    gpu: int | None = None
    threads: int = 1


@dataclasses.dataclass
class Answer:
    """All that came from one block.

    Attributes:
        built: variant to what was said of it before it was timed.
        failed: variant to the reason.
        timings: variant or roof to pairs: seconds of a step, and of the baseline's in its group.
        calls: variant or roof to the seconds that a call costs beyond its steps.
        machine: load, threads, clock, rates of plain products.
        remarks: what could not be measured, in words.
    """

    block: Block
    place: Place
    built: dict[Any, dict[str, Any]] = dataclasses.field(default_factory=dict)
    failed: dict[Any, str] = dataclasses.field(default_factory=dict)
    timings: dict[Any, list[list[float]]] = dataclasses.field(default_factory=dict)
    calls: dict[Any, float] = dataclasses.field(default_factory=dict)
    machine: dict[str, Any] = dataclasses.field(default_factory=dict)
    remarks: list[str] = dataclasses.field(default_factory=list)


def run(blocks: Sequence[Block], places: Sequence[Place], say: Say) -> Iterator[Answer]:
    """Measure blocks, as many at a time as there are places; each in a process of its own.

    Args:
        blocks: in the order in which they start.
        places: a process has one for itself as long as it runs.
        say: told every event, with the number of its block under "block"; from several threads.
    """
    free: queue.Queue[Place] = queue.Queue()
    for place in places:
        free.put(place)
    children = Children()

    def one(numbered: tuple[int, Block]) -> Answer:
        place = free.get()
        try:
            return _measure(
                numbered[1], place, lambda e: say({"block": numbered[0], **e}), children
            )
        finally:
            free.put(place)

    with ThreadPoolExecutor(len(places)) as pool:
        try:
            yield from pool.map(one, enumerate(blocks))
        finally:  # after Ctrl-C nothing goes on in the background
            pool.shutdown(wait=False, cancel_futures=True)
            children.close()


def gpus() -> list[str]:
    """Names of the GPUs that TensorFlow sees, asked in a process that ends."""
    names: list[str] = []
    _converse({}, Place(gpu=-1), lambda event: names.extend(event.get("names", ())), Children())
    return names


class Children:
    """The processes that run, to be ended together."""

    def __init__(self) -> None:
        self._alive: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self.closed = False

    def add(self, process: subprocess.Popen[str]) -> None:
        with self._lock:
            self._alive.add(process)
            if self.closed:
                process.kill()

    def discard(self, process: subprocess.Popen[str]) -> None:
        with self._lock:
            self._alive.discard(process)

    def close(self) -> None:
        """End them, and those that come."""
        with self._lock:
            self.closed = True
            for process in self._alive:
                process.kill()


def _measure(block: Block, place: Place, say: Say, children: Children) -> Answer:
    """A process that dies costs the variant that it was building; the others are tried again."""
    answer = Answer(block, place)
    while True:
        building: list[Any] = [None]

        def hear(event: dict[str, Any], building: list[Any] = building) -> None:
            kind, content = event["event"], {k: v for k, v in event.items() if k != "event"}
            key = Variant(*content.pop("variant")) if "variant" in content else None
            if kind == "building":
                building[0] = key
            elif kind == "built":
                answer.built[key], building[0] = content, None
            elif kind == "failed":
                answer.failed[key], building[0] = content["reason"], None
            elif kind == "timed":
                answer.timings = {_key(name): found for name, found in content["timings"]}
                answer.calls = {_key(name): found for name, found in content["calls"]}
            elif kind == "machine":
                answer.machine = content
            elif kind == "remark":
                answer.remarks.append(content["text"])
            say(event)

        died = _converse({"block": dataclasses.asdict(block)}, place, hear, children)
        if not died or children.closed:
            return answer
        if building[0] is None:  # while timing: nobody knows which
            answer.failed |= {v: died for v in block.variants if v not in answer.failed}
            return answer
        answer.failed[building[0]] = died
        say({"event": "failed", "variant": list(building[0]), "reason": died})
        left = tuple(v for v in block.variants if v not in answer.failed)
        if not left:
            return answer
        block = dataclasses.replace(block, variants=left)


def _key(name: list[Any] | str) -> Variant | str:
    return name if isinstance(name, str) else Variant(*name)


def _converse(request: dict[str, Any], place: Place, hear: Say, children: Children) -> str:
    """Start a process, hand it a request, hear its events; returns how it died, or ""."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env=environment(place),
            text=True,
        )
        children.add(process)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError):  # it died: its exit status says so
                process.stdin.write(json.dumps({**request, "core": place.core}) + "\n")
                process.stdin.close()
            for line in process.stdout:
                hear(json.loads(line))
        except BaseException:
            process.kill()
            raise
        finally:
            children.discard(process)
            process.stdout.close()
        code = process.wait()
        if code == 0:
            return ""
        words.seek(0)
        lines = [line.strip() for line in words if line.strip()]
    how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
    return f"the process ended: {how}" + (f": {lines[-1][:300]}" if lines else "")


def environment(place: Place) -> dict[str, str]:
    """Threads, devices and flags of a process."""
    wanted = {**variables(place.threads), "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    if place.gpu is None:
        wanted["CUDA_VISIBLE_DEVICES"] = "-1"
    elif place.gpu >= 0:
        shown = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        names = [name for name in shown.split(",") if name]
        wanted["CUDA_VISIBLE_DEVICES"] = names[place.gpu] if names else str(place.gpu)
    return wanted
