"""The harness: plan, train, time, store, compare, report, command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import Results, read, run

__all__ = ["Results", "read", "run"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import api  # heavy, and so loaded when it is asked for

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
