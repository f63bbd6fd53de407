"""The worker's side: requests come in on standard input, events go out, a JSON line each.

Imports nothing heavy: a worker that times settles on a core before TensorFlow starts a thread.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from ..machine.scheduling import settle

RETIRES = 3 << 30  # bytes of memory with which a worker makes way for a fresh one

Say = Callable[..., None]  # the kind of an event, and its content by keyword
Answer = Callable[[dict[str, Any], Say], dict[str, Any]]


def serve(answers: Mapping[str, Answer]) -> None:
    """Say "ready", then answer requests until there are no more.

    A request is {"do": NAME, ...}. The answer of that name is called with it and may say what
    happens; what it returns is the content of the event "done". When it raises, the event is
    "failed" with a reason in one line, and the next request is answered.

    A worker whose memory has grown beyond RETIRES says so with its answer, as `retires`, and ends:
    programs that XLA has compiled are never given back, some 25 MB for each cell.

    Nothing but events goes to the parent's end of standard output: whatever libraries print goes
    to standard error.

    Args:
        answers: by name.

    Example:
        `serve({"devices": devices, "train": train})`
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    settle()
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    gc.collect()
    gc.freeze()  # what was imported stays: a collection after each answer need not look at it

    def say(event: str, **content: Any) -> None:
        events.write(json.dumps({"event": event, **content}) + "\n")
        events.flush()

    say("ready")
    for line in sys.stdin:
        try:
            request = json.loads(line)
            content = answers[request["do"]](request, say)
            retires = memory() > RETIRES
            say("done", **content, **({"retires": True} if retires else {}))
            if retires:
                return
        except Exception as error:  # a cell or a plug-in may do anything; the rest goes on
            with contextlib.suppress(OSError):
                traceback.print_exc(file=sys.stderr)
            say("failed", reason=_reason(error))
        gc.collect()  # graphs refer to themselves in cycles


def memory() -> int:
    """Bytes that this process holds; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _reason(error: Exception) -> str:
    """An error in one line; without its type where it was written for the user."""
    from ...datasets.core.unavailable import DataUnavailable
    from ...strategies.core.plugins import in_one_line

    reason = in_one_line(error)
    if isinstance(error, (ValueError, DataUnavailable)):
        return reason.removeprefix(f"{type(error).__name__}: ")
    return reason
