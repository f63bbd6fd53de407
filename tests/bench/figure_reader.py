"""What a figure says, for the tests."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text


def words(figure: Figure) -> list[str]:
    """All texts of a figure; the title of the whole figure comes first."""
    figure.canvas.draw()
    found = [text.get_text() for text in figure.findobj(Text)]
    return [figure.get_suptitle(), *found]


def row_names(axes: Axes) -> list[str]:
    """The names of rows at the left of the axes, from the top."""
    names = [text for text in axes.texts if not isinstance(text, Annotation)]
    return [text.get_text() for text in names if text.get_ha() == "right"]
