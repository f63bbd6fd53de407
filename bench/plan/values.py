"""Values of options, as words or as Python has them: converted, or refused in one line.

Each sentence that refuses a value stands here once, so that the command line and `lossbench.run`
say the same. Imports nothing heavy.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Set
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from ...datasets.core.loader import default_data_dir
from ...strategies.core.plugins import nearest

XLA = {"off": (False,), "on": (True,), "both": (False, True), "auto": ()}
MOST = 10**9  # more of anything that is counted is a slip of the keyboard
SINGLE = (1e-38, 3e38)  # what single precision holds


def choose(option: str, value: Any, known: Iterable[str]) -> str:
    """The value, if it is one of those known.

    Raises:
        ValueError: it is not; names the nearest.
    """
    known = list(known)
    if not isinstance(value, str) or value not in known:
        raise ValueError(
            f"--{option}: no choice {_shown(value)}{nearest(str(value), known)}; "
            f"one of {', '.join(known)}"
        )
    return value


def whole(option: str, value: Any, least: int = 1, most: int = MOST) -> int:
    """A whole number.

    Raises:
        ValueError: it is none, or out of bounds.

    Example:
        >>> whole("seeds", "3"), whole("seeds", 3)
        (3, 3)
    """
    try:
        number = int(value) if isinstance(value, str | Integral) else least - 1
    except ValueError:
        number = least - 1
    small = isinstance(value, bool) or number < least
    if small or number > most:
        bound = f"least {least}" if small else f"most {most}"
        raise ValueError(f"--{option}: expected a whole number of at {bound}, got {_shown(value)}")
    return number


def positive(option: str, value: Any) -> float:
    """A finite number above 0.

    Raises:
        ValueError: it is none, or too small or large for single precision.
    """
    number = _number(value)
    if number is None:
        raise ValueError(f"--{option}: expected a finite number above 0, got {_shown(value)}")
    if not SINGLE[0] <= number <= SINGLE[1]:
        raise ValueError(
            f"--{option}: expected a number that single precision holds, from {SINGLE[0]:g} to "
            f"{SINGLE[1]:g}, got {_shown(value)}"
        )
    return number


def flag(option: str, value: Any) -> bool:
    """Whether, or not.

    Raises:
        ValueError: it is neither True nor False.
    """
    if not isinstance(value, bool):
        raise ValueError(f"--{option}: expected True or False, got {_shown(value)}")
    return value


def names(option: str, value: Any, kind: str = "names") -> tuple[str, ...]:
    """Names in one text, as on the command line, or one by one; paths are names too.

    Raises:
        ValueError: there is none, or something else than `kind` as texts, one after the other.

    Example:
        >>> names("tasks", "units, robust"), names("tasks", ["my tasks.py"])
        (('units', 'robust'), ('my tasks.py',))
    """
    if isinstance(value, str):
        found: list[Any] = words(value)
    elif isinstance(value, Iterable) and not isinstance(value, bytes | Mapping | Set):
        found = list(value)
    else:
        found = [value]
    texts = [os.fspath(word) if isinstance(word, os.PathLike) else word for word in found]
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"--{option}: expected {kind}, as strings, got {_shown(text)}")
    if not texts:
        raise ValueError(f"--{option}: expected {kind}, got none")
    return tuple(text.strip() for text in texts)


def scales(option: str, value: Any) -> dict[str, float]:
    """ "right=0.01,code=10", or a mapping, as head to factor.

    Raises:
        ValueError: a word is no head=factor, or a factor is not above 0.

    Example:
        >>> scales("scale", "right=0.01"), scales("scale", {"right": 0.01})
        ({'right': 0.01}, {'right': 0.01})
    """
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, str):
        pairs = [word.partition("=")[::2] for word in words(value)]
    else:
        pairs = [(value, "")]
    found = {}
    for head, factor in pairs or [("", "")]:
        if not isinstance(head, str) or not head or _number(factor) is None:
            got = f"{head}={factor}" if factor != "" else head
            raise ValueError(
                f"--{option}: expected head=factor with a finite factor above 0, as in "
                f"right=0.01, got {_shown(got)}"
            )
        found[head] = positive(option, factor)
    return found


def folder(option: str, value: Any) -> Path:
    """A folder, with the home directory in place of ~.

    Raises:
        ValueError: it is no path.
    """
    try:
        text = os.fspath(value)
        if isinstance(text, str) and text.strip() and "\0" not in text:
            return Path(text).expanduser()
    except (TypeError, RuntimeError):  # no path, or ~ of somebody who is not known
        pass
    raise ValueError(f"--{option}: expected a folder, got {_shown(value)}")


def data_dir(value: Any = None) -> Path:
    """Folder of prepared data; None is the default one.

    Raises:
        ValueError: it is no path.
    """
    return default_data_dir() if value is None else folder("data-dir", value).absolute()


def words(text: str | None) -> list[str]:
    """Split at commas and spaces that stand outside brackets and quotes.

    Example:
        >>> words("sum, weighted(weights=(1, 0.5)) pcgrad")
        ['sum', 'weighted(weights=(1, 0.5))', 'pcgrad']
    """
    found, depth, quote = [""], 0, ""
    for character in text or "":
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        depth += (character in "([") - (character in ")]") if not quote else 0
        if depth == 0 and not quote and re.match(r"[,\s]", character):
            found.append("")
        else:
            found[-1] += character
    return [word for word in found if word]


def _number(value: Any) -> float | None:
    """A finite number above 0, or None."""
    if isinstance(value, bool) or not isinstance(value, str | Real):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 < number < float("inf") else None


def _shown(value: Any) -> str:
    """What came, as it would stand on the command line, in one line that is not too long."""
    try:
        text = str(value)
    except ValueError:  # more digits than Python likes to write
        text = "a number of thousands of digits"
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
