"""How the operating system runs a process that computes; imports nothing heavy."""

from __future__ import annotations

import contextlib
import os

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"


def onednn() -> str:
    """Whether TensorFlow uses oneDNN's kernels: "1", unless the user has said "0".

    TensorFlow leaves them off where a processor has no AVX-512; there a step takes a third more.
    """
    return os.environ.get(ONEDNN, "1")


def variables(threads: int) -> dict[str, str]:
    """The environment of a process that computes.

    Args:
        threads: TensorFlow's, within operations; one between operations.
    """
    return {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TFDS_DISABLE_PROGRESS_BAR": "1",
        "PYTHONUNBUFFERED": "1",
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": "1",
        "OMP_NUM_THREADS": str(threads),
        ONEDNN: onednn(),
    }


def settle(core: int | None = None) -> None:
    """Let a thread compute until it waits, and keep all of them on one core where one is given.

    XLA on a CPU hands half of what it could do next to a thread of TensorFlow's pool. Under the
    usual policy that thread takes the core at once, and the two change places up to four times a
    step, at 10 us each. Under SCHED_BATCH, Linux's policy for work that nobody waits for, it starts
    when the first has nothing left, and the loop goes on in it alone: on one core, steps of `sum`
    take 8 % less time and those of PCGrad 12 %, up to 30 % in some calls; and all calls the same.
    `python tests/benchmarks/thread_changes.py` measures it again.

    Call it before TensorFlow starts its threads: they inherit both. Elsewhere than on Linux it does
    nothing, nor where the system forbids it.

    Args:
        core: number of a processor; None leaves that to the operating system.

    Example:
        >>> import threading
        >>> threading.Thread(target=settle).start()
    """
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def own_cores() -> list[int]:
    """Numbers of the processors that this process may use; none where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def a_core() -> int | None:
    """One of them, for `settle`; None where that is not for us to choose."""
    return max(own_cores(), default=None)


def policy() -> str:
    """The policy of this thread: "batch" after `settle`, "usual", or "unknown"."""
    if not hasattr(os, "SCHED_BATCH"):
        return "unknown"
    return "batch" if os.sched_getscheduler(0) == os.SCHED_BATCH else "usual"
