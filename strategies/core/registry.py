"""Names of strategies and how to get one: files of this package, entry points, files by path."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import importlib
import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from .contracts import Strategy

PACKAGE = __name__.rpartition(".core")[0]
FOLDER = Path(__file__).resolve().parent.parent
GROUP = "lossbench.strategies"


def names() -> tuple[str, ...]:
    """Names of all strategies, sorted: the files of `strategies/`, and installed entry points."""
    files = {path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_")}
    return tuple(sorted(files | {point.name for point in entry_points(group=GROUP)}))


def get(name: str, **hyperparameters: Any) -> Strategy:
    """A strategy by name, by call, or by file.

    Args:
        name: "pcgrad", "cagrad(c=0.4)", "path/to/mine.py" or "path/to/mine.py:Mine".
        hyperparameters: values that replace the strategy's defaults.

    Raises:
        ValueError: the name, a hyperparameter or its value is unknown (with the nearest match),
            or the file does not hold a strategy.

    Example:
        >>> get("weighted", weights=(1.0, 0.5)).weights
        (1.0, 0.5)
    """
    name, arguments = parse_call(name)
    cls = strategy_class(name)
    return build(cls, {**arguments, **hyperparameters})


def build(cls: type[Strategy], hyperparameters: dict[str, Any]) -> Strategy:
    """An instance; an unknown hyperparameter or a wrong value is one clear ValueError."""
    known = tuple(field.name for field in dataclasses.fields(cls))
    for key in hyperparameters:
        if key not in known:
            raise ValueError(
                f"{cls.name} has no hyperparameter {key!r}{nearest(key, known)}; "
                f"it has {', '.join(known)}"
            )
    try:
        return cls(**hyperparameters)
    except TypeError as error:
        raise ValueError(f"{cls.name}({hyperparameters}): {error}") from error


def parse_call(text: str) -> tuple[str, dict[str, Any]]:
    """Split "cagrad(c=0.4)" into the name and the keyword arguments."""
    text = text.strip()
    head, bracket, _ = text.partition("(")
    if not bracket or head.endswith(".py"):
        return text, {}
    try:
        call = ast.parse(f"_({text[len(head) + 1 :]}", mode="eval").body
        if not isinstance(call, ast.Call) or call.args:
            raise ValueError("hyperparameters are given as key=value")
        return head, {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    except (SyntaxError, ValueError) as error:
        raise ValueError(
            f"can't read {text!r}: expected name(key=value, ...), as in cagrad(c=0.4) ({error})"
        ) from error


def strategy_class(name: str) -> type[Strategy]:
    """The class behind a name or a path "file.py" or "file.py:Class"."""
    path, _, wanted = name.partition(":")
    if path.endswith(".py"):
        return one_class(load_file(Path(path)), path, wanted)
    if (FOLDER / f"{name}.py").is_file() and not name.startswith("_"):
        return one_class(import_module(f"{PACKAGE}.{name}", name), f"strategies/{name}.py")
    for point in entry_points(group=GROUP, name=name):
        try:
            cls = point.load()
        except Exception as error:
            raise ValueError(
                f"strategy {name} of entry point {point.value} does not import: {describe(error)}"
            ) from error
        if isinstance(cls, type) and issubclass(cls, Strategy):
            return cls
        raise ValueError(f"entry point {name} = {point.value} is no strategy class")
    raise ValueError(
        f"no strategy called {name!r}{nearest(name, names())}; "
        "`lossbench list strategies` shows all of them"
    )


def one_class(module: ModuleType, where: str, wanted: str = "") -> type[Strategy]:
    """The one strategy class that a module defines, or the one asked for."""
    classes = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Strategy)
        and value.__module__ == module.__name__
    }
    if wanted:
        if wanted not in classes:
            raise ValueError(f"{where} has no strategy class {wanted!r}{nearest(wanted, classes)}")
        return classes[wanted]
    if len(classes) != 1:
        found = ", ".join(classes) or "none"
        raise ValueError(f"{where}: expected one strategy class, found {found}; add :ClassName")
    return next(iter(classes.values()))


def load_file(path: Path) -> ModuleType:
    """Import a strategy file from outside the package, under its own name."""
    path = path.expanduser().resolve()
    if not path.is_file():
        raise ValueError(f"no strategy file {path}")
    # Inside the package's name space, so that `from .core import ...` works there as here.
    name = f"{PACKAGE}.{path.stem}"
    if (FOLDER / path.name) != path and path.stem in names():
        raise ValueError(f"{path.name}: a strategy called {path.stem} exists; rename the file")
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ValueError(f"strategy file {path} does not import: {describe(error)}") from error
    return module


def import_module(module: str, name: str) -> ModuleType:
    """Import a strategy of the package; a file that was dropped in may be broken."""
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise ValueError(f"strategies/{name}.py does not import: {describe(error)}") from error


def describe(error: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def nearest(word: str, known: Any) -> str:
    """' (did you mean ...?)' for the nearest known word, or ''."""
    match = difflib.get_close_matches(word, [str(item) for item in known], n=1, cutoff=0.5)
    return f" (did you mean {match[0]}?)" if match else ""
