"""Fresh processes for blocks: one per core or GPU at a time, and what comes back from them."""

from __future__ import annotations

import dataclasses
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..machine.scheduling import variables
from ..workers.process import Process
from .block import Block, Variant

WORKER = f"{__package__}.worker"
Hear = Callable[[dict[str, Any]], None]


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
        building: variant that is being built.
    """

    block: Block
    place: Place
    built: dict[Any, dict[str, Any]] = dataclasses.field(default_factory=dict)
    failed: dict[Any, str] = dataclasses.field(default_factory=dict)
    timings: dict[Any, list[list[float]]] = dataclasses.field(default_factory=dict)
    calls: dict[Any, float] = dataclasses.field(default_factory=dict)
    machine: dict[str, Any] = dataclasses.field(default_factory=dict)
    remarks: list[str] = dataclasses.field(default_factory=list)
    building: Variant | None = None

    def take(self, event: dict[str, Any]) -> None:
        """Keep what an event tells."""
        kind, content = event["event"], {k: v for k, v in event.items() if k != "event"}
        key: Any = Variant(*content.pop("variant")) if "variant" in content else None
        if kind == "building":
            self.building = key
        elif kind == "built":
            self.built[key], self.building = content, None
        elif kind == "refused":
            self.failed[key], self.building = content["reason"], None
        elif kind == "timed":
            self.timings = {_key(name): found for name, found in content["timings"]}
            self.calls = {_key(name): found for name, found in content["calls"]}
        elif kind == "machine":
            self.machine = content
        elif kind == "remark":
            self.remarks.append(content["text"])


def run(blocks: Sequence[Block], places: Sequence[Place], hear: Hear) -> Iterator[Answer]:
    """Measure blocks, as many at a time as there are places; each in a process of its own.

    Args:
        blocks: in the order in which they start.
        places: a process has one for itself as long as it runs.
        hear: told every event, with the number of its block under "block"; from several threads.
    """
    free: queue.Queue[Place] = queue.Queue()
    for place in places:
        free.put(place)
    children = Children()

    def one(numbered: tuple[int, Block]) -> Answer:
        place = free.get()
        try:
            return _measure(
                numbered[1], place, lambda e: hear({"block": numbered[0], **e}), children
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
    heard: list[dict[str, Any]] = []
    _converse({"do": "devices"}, Place(gpu=-1), heard.append, Children())
    return [name for event in heard for name in event.get("names", ())]


class Children:
    """The processes that run, to be ended together."""

    def __init__(self) -> None:
        self._alive: set[Process] = set()
        self._lock = threading.Lock()
        self.closed = False

    def add(self, process: Process) -> None:
        with self._lock:
            self._alive.add(process)
            if self.closed:
                process.kill()

    def discard(self, process: Process) -> None:
        with self._lock:
            self._alive.discard(process)

    def close(self) -> None:
        """End them, and those that come."""
        with self._lock:
            self.closed = True
            for process in self._alive:
                process.kill()


def _measure(block: Block, place: Place, hear: Hear, children: Children) -> Answer:
    """A process that dies costs the variant that it was building; the others are tried again."""
    answer = Answer(block, place)

    def both(event: dict[str, Any]) -> None:
        answer.take(event)
        hear(event)

    while True:
        request = {"do": "time", "block": dataclasses.asdict(block), "core": place.core}
        died = _converse(request, place, both, children)
        if not died or children.closed:
            return answer
        if answer.building is None:  # while timing: nobody knows which
            answer.failed |= {v: died for v in block.variants if v not in answer.failed}
            return answer
        both({"event": "refused", "variant": list(answer.building), "reason": died})
        left = tuple(v for v in block.variants if v not in answer.failed)
        if not left:
            return answer
        block = dataclasses.replace(block, variants=left)


def _key(name: list[Any] | str) -> Variant | str:
    return name if isinstance(name, str) else Variant(*name)


def _converse(request: dict[str, Any], place: Place, hear: Hear, children: Children) -> str:
    """A process of its own answers a request; returns why there was no answer, or ""."""
    with Process(WORKER, environment(place)) as process:
        children.add(process)
        try:
            process.send(request)
            for event in process.events():
                hear(event)
                if event["event"] in ("done", "failed"):
                    return event.get("reason", "")
        finally:
            children.discard(process)
        return process.last_words()


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
