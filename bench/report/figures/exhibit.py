"""A figure as an exhibit of the report."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from ..exhibits.exhibit import Exhibit, Shown


@dataclasses.dataclass(frozen=True, kw_only=True)
class FigureExhibit(Exhibit):
    """A figure of the report; see `Exhibit` for what it shares with a table.

    Attributes:
        draw: the figure; None where there is nothing to see.
        weight: from a page that would be too large, the figures of the least weight are left out
            first. One that is wider than 7 inches gets the whole width of the page.

    Example:
        >>> blank = FigureExhibit(name="{task}-blank", draw=lambda comparison, task: Figure())
    """

    draw: Callable[..., Figure | None]
    weight: int = 10


@dataclasses.dataclass(frozen=True)
class ShownFigure(Shown):
    """One file of a figure.

    Attributes:
        svg: its file; the PNG lies beside it.
        width: in inches.
    """

    exhibit: FigureExhibit
    svg: Path
    width: float
