"""lossbench: how to combine several losses in TensorFlow, measured.

    import lossbench

    results = lossbench.run(["sum", "pcgrad"], "two_digits", seeds=10, out="results/mine")
    results.verdicts
    results.report()

Importing it is cheap: what it offers is loaded when it is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import bench, datasets, strategies
    from .bench.api import Results, read, run

    __version__: str

__all__ = ["Results", "bench", "datasets", "read", "run", "strategies"]


def __getattr__(name: str) -> Any:
    if name in ("bench", "datasets", "strategies"):
        return importlib.import_module(f".{name}", __name__)
    if name in __all__:
        return getattr(importlib.import_module(".bench.api", __name__), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("lossbench")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
