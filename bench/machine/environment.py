"""The machine and the versions that a result was made with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .scheduling import onednn, own_cores

PACKAGES = ("lossbench", "tensorflow", "keras", "tensorflow-datasets", "numpy", "pandas", "scipy")


def describe(threads: int) -> dict[str, Any]:
    """Versions, processor and threads; imports nothing heavy."""
    return {
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "cpu": _processor(),
        "cores": cores(),
        "threads_per_worker": threads,
        "onednn": onednn(),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
    }


def cores() -> int:
    """Processors that this process may use."""
    return len(own_cores()) or os.cpu_count() or 1


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model n")]
        return names[0] if names else platform.processor()
    except OSError:
        return platform.processor() or platform.machine()
