"""Commands that only list or plan must not wait for TensorFlow."""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

HEAVY = ("tensorflow", "keras", "tensorflow_datasets", "sklearn")


class _Deferred(types.ModuleType):
    """Stands in for a module until one of its attributes is asked for."""

    def __getattr__(self, attribute: str) -> Any:
        # Submodules are found through __path__; other dunders are only looked at, not used.
        if attribute.startswith("__") and attribute != "__path__":
            raise AttributeError(attribute)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), attribute)


def defer_heavy_imports() -> None:
    """Let strategy and task files `import tensorflow as tf` without paying for it yet."""
    for name in HEAVY:
        if name not in sys.modules:
            sys.modules[name] = _Deferred(name)


def release() -> None:
    """Take the stand-ins away from libraries that ask whether TensorFlow has been imported."""
    for name in HEAVY:
        if isinstance(sys.modules.get(name), _Deferred):
            del sys.modules[name]
