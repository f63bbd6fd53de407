"""What kind of question a task asks of a strategy: answers are given for each."""

from __future__ import annotations

import difflib

SITUATIONS = {
    "balanced": "balanced losses",
    "units": "losses in different units",
    "unlearn": "something to unlearn",
    "missing labels": "most labels missing",
    "auxiliary": "one loss that matters and others that help",
    "many losses": "four losses or more",
}


def check_situation(situation: str) -> None:
    """Refuse a situation that is none of SITUATIONS; "" is a task that says nothing of it.

    Raises:
        ValueError: it is not known.

    Example:
        >>> check_situation("units")
    """
    if situation and situation not in SITUATIONS:
        near = difflib.get_close_matches(situation, SITUATIONS, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise ValueError(
            f"situation {situation!r} is not known{hint}: it is one of {', '.join(SITUATIONS)}"
        )
