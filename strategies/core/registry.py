"""Strategies by name, by call or by file."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path
from types import ModuleType
from typing import Any

from .contracts import Strategy
from .plugins import Folder, nearest


def _is_strategy(module: ModuleType, item: Any) -> bool:
    return (
        isinstance(item, type) and issubclass(item, Strategy) and item.__module__ == module.__name__
    )


FOLDER = Folder(
    kind="strategy",
    package=__name__.rpartition(".core")[0],
    path=Path(__file__).resolve().parent.parent,
    accepts=_is_strategy,
    listing="lossbench list strategies",
)


def names() -> tuple[str, ...]:
    """Names of all strategies, sorted: the files of `strategies/`, and installed entry points."""
    return FOLDER.names()


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
    cls = FOLDER.load(name)
    arguments |= hyperparameters
    known = tuple(field.name for field in dataclasses.fields(cls))
    for key in arguments:
        if key not in known:
            raise ValueError(
                f"{cls.name} has no hyperparameter {key!r}{nearest(key, known)}; "
                f"it has {', '.join(known)}"
            )
    return cls(**arguments)


def parse_call(text: str) -> tuple[str, dict[str, Any]]:
    """Split "cagrad(c=0.4)" into the name and the keyword arguments."""
    text = text.strip()
    head, bracket, _ = text.partition("(")
    if not bracket:
        return text, {}
    try:
        call = ast.parse(f"_({text[len(head) + 1 :]}", mode="eval").body
        if not isinstance(call, ast.Call) or call.args:
            raise ValueError("hyperparameters are given as key=value")
        return head, {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    except (SyntaxError, ValueError) as error:
        raise ValueError(
            f"can't read {text!r}: expected name(key=value, ...), as in cagrad(c=0.4)"
        ) from error


def label(strategy: Strategy) -> str:
    """The call that makes the strategy: its name and the hyperparameters off their defaults.

    Example:
        >>> label(get("cagrad", c=0.4)), label(get("sum"))
        ('cagrad(c=0.4)', 'sum')
    """
    changed = []
    for field in dataclasses.fields(strategy):
        value = getattr(strategy, field.name)
        if value != field.default:
            value = label(value) if isinstance(value, Strategy) else value
            changed.append(f"{field.name}={value!r}")
    return strategy.name + (f"({', '.join(changed)})" if changed else "")
