"""Names of tasks, heads and metrics: what can stand in a column, a file name and an option."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

# Columns are metric/<head>/<metric>/<split>; options split at commas; a variation of a task stands
# in brackets, with head*factor; head=factor is an option too.
FORBIDDEN = "/\\,*=[](){}|<>\"'`"


def check_name(kind: str, name: str, *, optional: bool = False) -> None:
    """Refuse a name that cannot be one.

    Args:
        kind: of what, for the message.
        name: of at least one character, none of them a slash, comma, bracket, quote or line break.
        optional: whether there may be none yet.

    Raises:
        ValueError: it can't.

    Example:
        >>> check_name("head", "left digit")
        >>> check_name("head", "left/right")
        Traceback (most recent call last):
        ...
        ValueError: head 'left/right': a name has no '/'; call it otherwise
    """
    if optional and name == "":
        return
    if not isinstance(name, str) or not name.strip() or name != name.strip():  # pyright: ignore
        raise ValueError(
            f"{kind} {name!r}: expected a name, a text without spaces at its ends; give it one"
        )
    wrong = next((c for c in name if c in FORBIDDEN or not c.isprintable()), None)
    if wrong is not None:
        raise ValueError(f"{kind} {name!r}: a name has no {wrong!r}; call it otherwise")


def check_unique(what: str, names: Iterable[str]) -> None:
    """Refuse two of one name.

    Raises:
        ValueError: there are two.
    """
    twice = [name for name, many in Counter(names).items() if many > 1]
    if twice:
        raise ValueError(f"two {what} are called {twice[0]!r}: give each a name of its own")
