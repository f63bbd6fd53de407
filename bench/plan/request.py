"""What the values of options mean; imports nothing heavy."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...strategies.core.plugins import nearest

XLA = {"off": (False,), "on": (True,), "both": (False, True)}


def choose(option: str, value: str, known: Iterable[str]) -> str:
    """The value, if it is one of those known.

    Raises:
        ValueError: it is not; names the nearest.
    """
    known = list(known)
    if value not in known:
        raise ValueError(
            f"--{option}: no choice {value!r}{nearest(value, known)}; one of {', '.join(known)}"
        )
    return value


def words(text: str | Sequence[str] | None) -> list[str]:
    """Split at commas and spaces that stand outside brackets and quotes.

    Example:
        >>> words("sum, weighted(weights=(1, 0.5)) pcgrad")
        ['sum', 'weighted(weights=(1, 0.5))', 'pcgrad']
    """
    if text is None:
        return []
    text = text if isinstance(text, str) else ",".join(text)
    found, depth, quote = [""], 0, ""
    for character in text:
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


def scales(text: str | None) -> dict[str, float]:
    """ "right=0.01,code=10" as head to factor.

    Raises:
        ValueError: a word is no head=factor, or a factor is not above 0.
    """
    found = {}
    for word in words(text):
        head, equals, factor = word.partition("=")
        try:
            found[head] = float(factor)
        except ValueError:
            equals = ""
        if not (head and equals and 0 < found[head] < float("inf")):
            raise ValueError(
                f"--scale: expected head=factor with a finite factor above 0, as in right=0.01, "
                f"got {word!r}"
            )
    return found


def data_dir(options: argparse.Namespace) -> Path:
    """Folder of prepared data."""
    from ...datasets.core.loader import default_data_dir

    return (
        Path(options.data_dir).expanduser().absolute() if options.data_dir else default_data_dir()
    )
