"""What a figure says, for the tests."""

from __future__ import annotations

import matplotlib as mpl
from matplotlib.figure import Figure


def words(figure: Figure) -> list[str]:
    """All texts of a figure; the title of the whole figure comes first."""
    figure.canvas.draw()
    found = [text.get_text() for text in figure.findobj(mpl.text.Text)]
    return [figure.get_suptitle(), *found]
