"""Lists and counts in sentences."""

from __future__ import annotations

from collections.abc import Iterable


def enumerate_(names: Iterable[str], most: int = 6) -> str:
    """ "a, b, c and 4 more": names in a sentence.

    >>> enumerate_(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    names = list(names)
    parts = some(names, most)
    if len(names) <= most:
        return ", ".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def some(names: Iterable[str], most: int = 6) -> list[str]:
    """The first of many names, and how many more there are.

    >>> some(["a", "b", "c"], most=2)
    ['a', 'b', '1 more']
    """
    names = list(names)
    return names if len(names) <= most else [*names[:most], f"{len(names) - most} more"]


def count(n: int, one: str, many: str = "") -> str:
    """ "1 task", "2 tasks".

    >>> count(2, "strategy", "strategies")
    '2 strategies'
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def join(parts: list[str]) -> str:
    """ "a, b and c".

    >>> join(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def clock(duration: float) -> str:
    """Seconds as a person reads them.

    Example:
        >>> clock(8.4), clock(75), clock(3700)
        ('8 s', '1:15 min', '1:01:40 h')
    """
    whole = round(duration)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d} h"
