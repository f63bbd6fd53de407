"""A bounded pool of worker processes; one that dies costs the cell in flight and no more."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

from ..machine.scheduling import variables


class PoolError(ValueError):
    """No worker process can be started."""


class Event(NamedTuple):
    """What happened to the request number `index`.

    kind: "start", "steps" (content: steps), "done", "failed" (reason) or "crashed" (reason).
    """

    kind: str
    index: int
    content: dict[str, Any]


class Pool:
    """Local worker processes, each with a share of the cores.

    Args:
        workers: how many at once.
        threads: TensorFlow threads of each.
        device: "cpu" or "gpu"; a CPU worker sees no accelerator.
    """

    def __init__(self, workers: int, threads: int, device: str) -> None:
        self.size = workers
        self._environment = variables(threads)
        if device == "cpu":
            self._environment["CUDA_VISIBLE_DEVICES"] = "-1"
        else:
            self._environment["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
        self._events: queue.Queue[tuple[_Process, dict[str, Any] | None]] = queue.Queue()
        self._processes: list[_Process] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self._processes:
            process.stop()

    def run(self, requests: Sequence[dict[str, Any]]) -> Iterator[Event]:
        """Have all requests served; yields what happens as it happens.

        In their order, but for those with the same `shares`: the process that served one of them
        serves the others, as long as it lives.
        """
        waiting = deque(enumerate(requests))
        while len(self._processes) < min(self.size, len(waiting)):
            self._processes.append(_Process(self._environment, self._events))
        for process in self._processes:
            if process.ready:
                yield from self._give(process, waiting)
        open_requests = len(requests)
        while open_requests:
            process, event = self._events.get()
            index = process.index
            if event is None:
                self._processes.remove(process)
                if index is None and process.served == 0:
                    raise PoolError(f"no worker process starts: {process.last_words()}")
                if waiting:
                    self._processes.append(_Process(self._environment, self._events))
                if index is not None:
                    open_requests -= 1
                    yield Event("crashed", index, {"reason": process.last_words()})
                continue
            kind = event.pop("event")
            if kind == "ready":
                process.ready = True
            elif index is not None:
                yield Event(kind, index, event)
            if kind in ("done", "failed"):
                process.index, process.served = None, process.served + 1
                open_requests -= 1
            if process.index is None:
                yield from self._give(process, waiting)

    def _give(self, process: _Process, waiting: deque[Any]) -> Iterator[Event]:
        """The first request that shares what this process holds, else one that no other does."""
        if not waiting:
            return
        held = [p.shares for p in self._processes if p is not process]
        first = min(
            waiting,
            key=lambda item: (
                item[1].get("shares") is None or item[1]["shares"] != process.shares,
                item[1].get("shares") in held,
            ),
        )
        waiting.remove(first)
        process.index, request = first
        process.shares = request.get("shares", "")
        process.send(request)
        yield Event("start", process.index, {})


class _Process:
    """One worker process and the thread that reads its events."""

    def __init__(self, environment: dict[str, str], events: queue.Queue[Any]) -> None:
        self.index: int | None = None  # of the request that it serves
        self.shares = ""  # what it holds of that, and the next one may share
        self.ready = False
        self.served = 0
        # Open as long as the process may write to it.
        self._words: IO[str] = tempfile.TemporaryFile(  # noqa: SIM115
            "w+", encoding="utf-8", errors="replace"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lossbench.bench.train.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            env=environment,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(events,), daemon=True)
        self._reader.start()

    def send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # it died; its end of output says so

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._words):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was still to be written has no reader
                    stream.close()

    def last_words(self) -> str:
        """Why it ended: its exit status and the last line of its standard error."""
        code = self._process.wait()
        self._words.seek(0)
        lines = [line.strip() for line in self._words if line.strip()]
        how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
        return f"worker process {how}" + (f": {lines[-1][:300]}" if lines else "")

    def _read(self, events: queue.Queue[Any]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            events.put((self, json.loads(line)))
        events.put((self, None))
