"""A worker process: how it starts, what it is asked and says, a JSON line each, and how it ends."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, Self

LONGEST = 300  # characters of the last words that are told


class Process:
    """A worker process; in a `with` block it ends with the block.

    Its side is `serve.serve`. It may die at any time: then its events end, what is sent to it is
    lost, and `last_words` says why.

    Args:
        module: what it runs, as `python -m`.
        environment: its threads, devices and flags, there before anything is imported.

    Example:
        with Process("lossbench.bench.train.worker", variables(threads=1)) as process:
            process.send({"do": "devices"})
            process.no_more()
            print(list(process.events()))
    """

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        # Open as long as the process may write to it.
        self._words: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._printed = ""  # the last line of its standard output that is no event
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            env=dict(environment),
            encoding="utf-8",
            errors="replace",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def alive(self) -> bool:
        """It has not ended yet."""
        return self._process.poll() is None

    def send(self, request: Mapping[str, Any]) -> None:
        """Hand it a request; to one that has died it is lost."""
        with contextlib.suppress(OSError):  # its end of output says so
            self._input.write(json.dumps(request) + "\n")
            self._input.flush()

    def no_more(self) -> None:
        """There are no more requests: it ends when it has answered those it has."""
        with contextlib.suppress(OSError):  # what was still to be written has no reader
            self._input.close()

    def events(self) -> Iterator[dict[str, Any]]:
        """What it says, until its end: each has its kind under "event".

        Another line on its standard output, of a library that prints, is none; see `last_words`.
        """
        for line in self._output:
            event = _event(line)
            if event is not None:
                yield event
            elif line.strip():
                self._printed = line.strip()

    def kill(self) -> None:
        """End it at once; its events end too."""
        self._process.kill()

    def stop(self) -> None:
        """End it at once, and give back what it held. Nobody may read its events any more."""
        self.kill()
        self._process.wait()
        self.no_more()
        self._output.close()
        self._words.close()

    def last_words(self) -> str:
        """How it ended, and the last line that it wrote to standard error; waits for its end.

        Where there is none: the last line of its standard output that is no event.
        """
        code = self._process.wait()
        self._words.seek(0)
        text = self._words.read().decode("utf-8", "replace")
        last = [self._printed, *(line.strip() for line in text.splitlines() if line.strip())][-1]
        how = f"killed by signal {-code}" if code < 0 else f"ended with exit status {code}"
        return f"worker process {how}" + (f": {last[:LONGEST]}" if last else "")

    @property
    def _input(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout


def _event(line: str) -> dict[str, Any] | None:
    """A line as an event, or None when it is none."""
    with contextlib.suppress(ValueError):
        content = json.loads(line)
        if isinstance(content, dict) and isinstance(content.get("event"), str):
            return content
    return None
