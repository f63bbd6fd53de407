"""A bounded pool of worker processes; one that dies costs the cell in flight and no more."""

from __future__ import annotations

import dataclasses
import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from ..machine.scheduling import variables
from .process import Process


class PoolError(ValueError):
    """No worker process can be started."""


@dataclasses.dataclass(frozen=True)
class Event:
    """What happened to the request number `index`.

    kind: "start", "steps" (content: steps), "done", "failed" (reason) or "crashed" (reason).
    """

    kind: str
    index: int
    content: dict[str, Any]


class Pool:
    """Local worker processes, each with a share of the cores.

    Args:
        module: what a worker runs, as `python -m`.
        workers: how many at once.
        threads: TensorFlow threads of each.
        device: "cpu" or "gpu"; a CPU worker sees no accelerator.
    """

    def __init__(self, module: str, workers: int, threads: int, device: str) -> None:
        self._module, self.size = module, workers
        self.threads, self.device = threads, device
        self._environment = variables(threads)
        if device == "cpu":
            self._environment["CUDA_VISIBLE_DEVICES"] = "-1"
        else:
            self._environment["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
        # Not a `Queue`: Ctrl-C within its locks leaves them held, and the ears can't end.
        self._events: queue.SimpleQueue[tuple[_Worker, dict[str, Any] | None]] = queue.SimpleQueue()
        self._workers: list[_Worker] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self._workers:
            worker.stop()

    def run(self, requests: Sequence[dict[str, Any]]) -> Iterator[Event]:
        """Have all requests served; yields what happens as it happens.

        In their order, but for those with the same `shares`: the process that served one of them
        serves the others, as long as it lives.

        Raises:
            PoolError: the processes die before they take a request.
        """
        waiting = deque(enumerate(requests))
        while len(self._workers) < min(self.size, len(waiting)):
            self._start()
        for worker in self._workers:
            yield from self._give(worker, waiting)
        open_requests = len(requests)
        while open_requests:
            worker, event = self._events.get()
            index = worker.index
            if event is None:
                self._workers.remove(worker)
                reason = worker.process.last_words()
                worker.stop()
                if worker.given and waiting:
                    self._start()
                if index is not None:
                    open_requests -= 1
                    yield Event("crashed", index, {"reason": reason})
                elif waiting and not self._workers:
                    raise PoolError(f"no worker process starts: {reason}")
                continue
            kind = event.pop("event")
            if kind == "ready":
                worker.ready = True
            elif index is not None:
                yield Event(kind, index, event)
            if kind in ("done", "failed"):
                worker.retires = bool(event.get("retires"))
                worker.index = None
                open_requests -= 1
            yield from self._give(worker, waiting)

    def _start(self) -> None:
        self._workers.append(_Worker(self._module, self._environment, self._events))

    def _give(self, worker: _Worker, waiting: deque[Any]) -> Iterator[Event]:
        """The first request that shares what this worker holds, else one that no other does."""
        if not waiting or not worker.free:
            return
        held = [other.shares for other in self._workers if other is not worker]
        first = min(
            waiting,
            key=lambda item: (
                item[1].get("shares") is None or item[1]["shares"] != worker.shares,
                item[1].get("shares") in held,
            ),
        )
        waiting.remove(first)
        worker.index, request = first
        worker.given, worker.shares = True, request.get("shares", "")
        worker.process.send(request)
        yield Event("start", first[0], {})


class _Worker:
    """A process of the pool, and the thread that hears what it says."""

    def __init__(
        self, module: str, environment: dict[str, str], events: queue.SimpleQueue[Any]
    ) -> None:
        self.index: int | None = None  # of the request that it serves
        self.shares = ""  # what it holds of that, and the next one may share
        self.ready = self.given = False  # it has said so; it has had a request
        self.retires = False  # it ends by itself, and has said so
        self.process = Process(module, environment)
        self._ear = threading.Thread(target=self._hear, args=(events,), daemon=True)
        self._ear.start()

    @property
    def free(self) -> bool:
        idle = self.ready and self.index is None and not self.retires
        return idle and self.process.alive

    def stop(self) -> None:
        self.process.kill()
        self._ear.join()
        self.process.stop()

    def _hear(self, events: queue.SimpleQueue[Any]) -> None:
        for event in self.process.events():
            events.put((self, event))
        events.put((self, None))
