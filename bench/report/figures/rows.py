"""Strategies one below the other: a value each, and the line through it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import matplotlib as mpl
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
    """Values with their lines, one below the other."""
    lines(axes, dots, linewidths=2)
    for mark, same in by_mark(dots).items():
        edge, width = (PAPER, 0.6) if mark.filled else (mark.colour, 1.4)
        at = [dot.value for dot in same], [dot.y for dot in same]
        axes.plot(*at, mark.marker, ms=6, mfc=mark.face, mec=edge, mew=width)


def lines(axes: Axes, dots: Iterable[Dot], **style: float) -> None:
    """The lines of all rows as one artist: many would take the time."""
    known = [dot for dot in dots if math.isfinite(dot.low)]
    segments = [[(dot.low, dot.y), (dot.high, dot.y)] for dot in known]
    colours = [dot.mark.colour for dot in known]
    axes.add_collection(
        LineCollection(segments, colors=colours, capstyle="butt", zorder=2, **style)
    )


def name_rows(panels: Sequence[Axes], names: Sequence[str], bold: int | None = None) -> None:
    """Names at the left of the first panel; all panels have the same rows.

    They are texts and no marks of an axis: matplotlib has five artists for a mark, makes them for
    each panel and measures them several times over.

    Args:
        bold: the row of the baseline.
    """
    for axes in panels:
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.yaxis.set_major_locator(NullLocator())
    place, vertical, horizontal = panels[0].get_yaxis_text1_transform(6)
    style = {"transform": place, "va": vertical, "ha": horizontal}
    style["size"] = mpl.rcParams["ytick.labelsize"]
    for y, name in enumerate(names):
        panels[0].text(0, y, name, weight="bold" if y == bold else "normal", **style)


def by_mark(dots: Iterable[Dot]) -> dict[Mark, list[Dot]]:
    """The dots that look alike together."""
    found: dict[Mark, list[Dot]] = {}
    for dot in dots:
        found.setdefault(dot.mark, []).append(dot)
    return found
