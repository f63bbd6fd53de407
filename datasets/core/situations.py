"""What kind of question a task asks of a strategy: answers are given for each."""

from __future__ import annotations

import difflib

SITUATIONS = {
    "balanced": "losses of like size that all matter",
    "units": "losses in different units, of very different size",
    "unlearn": "something that the shared features should forget",
    "missing labels": "labels that most examples do not have",
    "auxiliary": "one loss that matters, and others that help or restrain it",
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
