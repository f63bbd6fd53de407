"""The figures of a study as files."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Generator
from pathlib import Path

import matplotlib as mpl

from ..analysis.comparison import Comparison
from ..exhibits.exhibit import shown
from ..exhibits.written import clear, remember
from . import FIGURES
from .exhibit import ShownFigure
from .save import save
from .style import STYLE


def draw(comparison: Comparison, directory: Path) -> list[ShownFigure]:
    """Draws every figure that the study has data for, as PNG and SVG, in the order of their list.

    What an earlier report has drawn into the folder is removed.
    """
    clear(directory)
    drawn = []
    with mpl.rc_context(STYLE), _swept_later() as sweep:
        for exhibit, fields, stem in shown(FIGURES, comparison):
            figure = exhibit.draw(comparison, **fields)
            if figure is not None:
                svg, words = save(figure, directory / stem), exhibit.words(comparison, fields)
                width = float(figure.get_figwidth())
                drawn.append(ShownFigure(exhibit, fields, stem, words, svg, width))
            del figure
            sweep()
    svgs = [each.svg for each in drawn]
    remember(directory, [*svgs, *(svg.with_suffix(".png") for svg in svgs)])
    return drawn


@contextlib.contextmanager
def _swept_later() -> Generator[Callable[[], object]]:
    """Collects garbage when told to, after a figure: all the while it would take an eighth more."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield lambda: gc.collect(0)
    finally:
        if enabled:
            gc.enable()
