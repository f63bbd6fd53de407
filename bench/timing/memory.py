"""Memory of this process: how far it rose at the peak of something."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import re
import resource
import sys
from collections.abc import Generator
from pathlib import Path

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


class Rise:
    """What a `with rise()` block added to the resident memory at its peak, in MiB, or NaN."""

    mb = float("nan")


@contextlib.contextmanager
def rise() -> Generator[Rise]:
    """Measure a block: high-water mark inside it minus resident memory before it.

    Free memory is given back first, and the mark is set to what is resident; only Linux can. What
    the allocators of libraries keep for reuse still hides some: a lower bound.
    """
    found = Rise()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # another C library than GNU's
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    try:
        RESET.write_text("5")
        before = _status("VmRSS")
    except OSError:
        yield found
        return
    yield found
    found.mb = (_status("VmHWM") - before) / 1024


def peak_mb() -> float:
    """High-water mark of the resident memory of this process, in MiB."""
    whole = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 2**20
    with contextlib.suppress(OSError):  # where rise() has set the kernel's mark back
        whole = max(whole, _status("VmHWM") / 1024)
    return whole


def _status(key: str) -> int:
    """A line of the kernel's status of this process, in KiB."""
    found = re.search(rf"^{key}:\s*(\d+) kB", STATUS.read_text(), re.MULTILINE)
    if found is None:
        raise OSError(f"{STATUS} has no {key}")
    return int(found[1])
