"""Strategies one below the other: a value each, and the line through it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import NullLocator

from .style import PAPER, Mark


class Dot(NamedTuple):
    """A strategy in a row of a figure: its value, the line through it and its look."""

    y: float
    value: float
    low: float
    high: float
    mark: Mark


def rows(axes: Axes, dots: Sequence[Dot]) -> None:
    """Values with their lines, one below the other; few artists, for they take the time."""
    known = [dot for dot in dots if math.isfinite(dot.low)]
    axes.add_collection(
        LineCollection(
            [[(dot.low, dot.y), (dot.high, dot.y)] for dot in known],
            colors=[dot.mark.colour for dot in known],
            linewidths=2,
            capstyle="butt",
            zorder=2,
        )
    )
    for mark, same in by_mark(dots).items():
        edge, width = (PAPER, 0.6) if mark.filled else (mark.colour, 1.4)
        at = [dot.value for dot in same], [dot.y for dot in same]
        axes.plot(*at, mark.marker, ms=6, mfc=mark.face, mec=edge, mew=width)


def name_rows(panels: Sequence[Axes], names: Sequence[str]) -> None:
    """Names at the left of the first panel; the others have the same rows, and no marks for them.

    A shared axis would make marks for all rows of all panels, only to hide them.
    """
    for axes in panels:
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        axes.yaxis.set_major_locator(NullLocator())
    panels[0].set_yticks(range(len(names)), names)


def by_mark(dots: Iterable[Dot]) -> dict[Mark, list[Dot]]:
    """The dots that look alike together."""
    found: dict[Mark, list[Dot]] = {}
    for dot in dots:
        found.setdefault(dot.mark, []).append(dot)
    return found
