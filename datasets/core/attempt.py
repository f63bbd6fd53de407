"""An action of a task's file, whose errors become one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Result = TypeVar("Result")


def attempt(what: str, action: Callable[[], Result], known: Iterable[str] = ()) -> Result:
    """What an action returns.

    Args:
        what: fails, when it does.
        action: of a task's file: it may do anything.
        known: the keys that it can ask for, named where it asks for another.

    Raises:
        ValueError: it failed; one line.
    """
    try:
        return action()
    except KeyError as error:
        there = ", ".join(dict.fromkeys(known))
        raise ValueError(
            f"{what}: there is no {error.args[0] if error.args else error!r}"
            + (f"; there are {there}" if there else "")
        ) from error
    except Exception as error:
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise ValueError(f"{what}: {kind}{_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:300] + "..."
