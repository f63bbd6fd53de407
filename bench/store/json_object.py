"""JSON objects of a results folder: read with the keys that they must have, or why not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .atomic import replacing
from .schema import REST, Each, Named, OneOf


class ObjectError(ValueError):
    """A file that is no such JSON object; the message says why, in one line."""


def read(path: Path, shape: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object of a shape (see `schema`).

    Raises:
        FileNotFoundError: there is no file.
        ObjectError: it can't be read, or has another shape.

    Example:
        spec = read(folder / "spec.json", schema.SPECIFIED)
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise ObjectError(f"{path.name} can't be read ({error})") from error
    require(content, shape, path.name)
    return content


def require(content: Any, shape: Mapping[str, Any], name: str) -> None:
    """Hold what was read from the file of that name against a shape.

    Raises:
        ObjectError: it has another.
    """
    if not isinstance(content, dict):
        raise ObjectError(f"{name} holds no JSON object")
    if missing := list(_lacking(content, shape)):
        raise ObjectError(f"{name} lacks {_short(', '.join(missing))}")
    if wrong := next(_wrong(content, shape), None):
        raise ObjectError(f"{name} has another value at {_short(wrong[0])} than {wrong[1]}")


def write(path: Path, content: Any) -> None:
    """Write a JSON file in one step."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, allow_nan=False, default=str) + "\n")


def _parts(value: Any, shape: Any) -> Iterator[tuple[str, Any, Any]]:
    """Key, value and shape of what a value consists of."""
    if isinstance(shape, Each) and isinstance(value, list):
        yield from ((str(i), each, shape.shape) for i, each in enumerate(value))
    elif isinstance(shape, Named) and isinstance(value, dict):
        yield from ((key, each, shape.shape) for key, each in value.items())
    elif isinstance(shape, Mapping) and isinstance(value, dict):
        rest = shape.get(REST, object)
        yield from ((key, each, shape.get(key, rest)) for key, each in value.items())


def _lacking(value: Any, shape: Any, place: str = "") -> Iterator[str]:
    if isinstance(shape, Mapping) and isinstance(value, dict):
        yield from (f"{place}{key}" for key in shape if key != REST and key not in value)
    for key, each, inner in _parts(value, shape):
        yield from _lacking(each, inner, f"{place}{key}.")


def _wrong(value: Any, shape: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Where a value has another shape, and what was expected."""
    if not _fits(value, shape):
        yield place.removesuffix("."), _words(shape)
        return
    for key, each, inner in _parts(value, shape):
        yield from _wrong(each, inner, f"{place}{key}.")


def _fits(value: Any, shape: Any) -> bool:
    if isinstance(shape, OneOf):
        return value in shape.values
    if isinstance(shape, Each):
        return isinstance(value, list)
    if isinstance(shape, (Named, Mapping)):
        return isinstance(value, dict)
    if isinstance(value, bool) and shape is not object:
        return shape is bool
    if isinstance(value, int) and value.bit_length() > 63:  # no column holds it
        return False
    return isinstance(value, shape)


def _short(text: str) -> str:
    """Names out of a file, fit for a line."""
    return "".join(c if c.isprintable() else "?" for c in text)[:150]


def _words(shape: Any) -> str:
    if isinstance(shape, OneOf):
        return f"one of {', '.join(shape.values)}"
    if isinstance(shape, Each):
        return "a list"
    if isinstance(shape, (Named, Mapping)):
        return "an object"
    kinds = shape if isinstance(shape, tuple) else (shape,)
    names = {bool: "true or false", str: "a text", float: "a number", int: "a whole number"}
    names |= {dict: "an object", type(None): "null"}
    return " or ".join(names[kind] for kind in kinds if kind is not int or float not in kinds)
