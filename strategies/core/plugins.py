"""Plug-ins by file: every file of a folder is one object, named for the file.

Serves strategies and tasks alike: names without importing anything, an object by name, by entry
point or by path, and errors that name the nearest valid choice.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclasses.dataclass(frozen=True)
class Folder:
    """A folder of plug-ins.

    Attributes:
        kind: what one is called in messages: "strategy".
        package: import name of the folder, and the group of entry points: "lossbench.strategies".
        path: the folder.
        accepts: whether an attribute of a module is such an object.
        listing: the command that shows all of them.
    """

    kind: str
    package: str
    path: Path
    accepts: Callable[[ModuleType, Any], bool]
    listing: str

    def names(self) -> tuple[str, ...]:
        """Names of the files and of installed entry points, sorted; imports nothing."""
        files = {path.stem for path in self.path.glob("*.py") if not path.stem.startswith("_")}
        return tuple(sorted(files | {point.name for point in entry_points(group=self.package)}))

    def load(self, name: str) -> Any:
        """The object called `name`, or of "path/to/file.py" or "path/to/file.py:attribute".

        Raises:
            ValueError: there is none (with the nearest match), or its file is broken.
        """
        path, _, wanted = name.partition(":")
        if path.endswith(".py"):
            return self._one(self._import_file(Path(path)), path, wanted)
        if _is_file(self.path / f"{name}.py") and not name.startswith("_"):
            return self._one(self._import(f"{self.package}.{name}", name), f"{name}.py", "")
        for point in entry_points(group=self.package, name=name):
            try:
                return point.load()
            except Exception as error:
                raise ValueError(
                    f"{self.kind} {name} (entry point {point.value}) does not import: "
                    f"{in_one_line(error)}"
                ) from error
        raise ValueError(
            f"no {self.kind} called {name!r}{nearest(name, self.names())}; "
            f"`{self.listing}` shows all of them"
        )

    def file_of(self, name: str) -> Path:
        """The file that `load` takes the object from."""
        path = name.partition(":")[0]
        if path.endswith(".py"):
            return _absolute(Path(path))
        for point in entry_points(group=self.package, name=name):
            if not _is_file(self.path / f"{name}.py"):
                return Path(str(importlib.import_module(point.module).__file__))
        return self.path / f"{name}.py"

    def _one(self, module: ModuleType, where: str, wanted: str) -> Any:
        found = {key: item for key, item in vars(module).items() if self.accepts(module, item)}
        if wanted:
            if wanted not in found:
                raise ValueError(f"{where} has no {self.kind} {wanted!r}{nearest(wanted, found)}")
            return found[wanted]
        if len(found) != 1:
            raise ValueError(
                f"{where}: expected one {self.kind}, found {', '.join(found) or 'none'}"
                + ("; add :NAME to the path" if found else "")
            )
        return next(iter(found.values()))

    def _import(self, module: str, name: str) -> ModuleType:
        try:
            return importlib.import_module(module)
        except Exception as error:  # a file that was dropped in may do anything
            raise ValueError(
                f"{self.kind} file {name}.py does not import: {in_one_line(error)}"
            ) from error

    def _import_file(self, path: Path) -> ModuleType:
        path = _absolute(path)
        if not _is_file(path):
            raise ValueError(f"no {self.kind} file {path}")
        if path.parent == self.path:
            return self._import(f"{self.package}.{path.stem}", path.stem)
        if not path.stem.isidentifier() or path.stem in self.names():
            raise ValueError(
                f"{path}: a {self.kind} takes the name of its file, and {path.stem!r} is "
                + ("taken" if path.stem in self.names() else "no Python name")
                + "; rename the file"
            )
        # Inside the package's name space, so that `from .core import ...` works there as here.
        name = f"{self.package}.{path.stem}"
        loaded = sys.modules.get(name)
        if loaded is not None and Path(str(loaded.__file__)) == path:
            return loaded
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            del sys.modules[name]
            raise ValueError(
                f"{self.kind} file {path} does not import: {in_one_line(error)}"
            ) from error
        return module


def in_one_line(error: BaseException) -> str:
    """An exception in one line, for a person."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def nearest(word: str, known: Iterable[str]) -> str:
    """' (did you mean ...?)' for the nearest known word, or ''."""
    match = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {match[0]}?)" if match else ""


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except RuntimeError:
        raise ValueError(f"no home directory is known for {path}: write the whole path") from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no name of a file: too long
        return False
