"""Figures inside the page: SVG that takes on its colours, or an image where that is smaller."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from ..analysis.comparison import Comparison
from ..figures import style
from . import captions

MOST_BYTES = 3_600_000  # of figures: with its tables the report stays under 5 MB
# What is left out of the page first when all would be too much; the files lie beside it.
_LEAST = ("best-of-k", "time", "trials", "curves", "trade-off")
# The colours of a figure become those of the page, which follow light and dark.
_COLOURS = {
    style.INK: "var(--ink)",
    style.GRID: "var(--line)",
    style.QUIET: "var(--quiet)",
    style.PAPER: "var(--paper)",
    **{colour: f"var(--c{i})" for i, colour in enumerate(style.PALETTE)},
}


class InlineFigure(NamedTuple):
    """A figure in the page: SVG or an image with words for those who see none, caption, kind."""

    markup: Markup
    caption: str
    kind: str


def inline_all(
    comparison: Comparison, drawn: Mapping[str, Mapping[str, Path]]
) -> tuple[dict[str, dict[str, InlineFigure]], list[str]]:
    """The figures for the page, and the kinds that had to be left out to keep it small.

    When all together would be too much, images stand in for SVG where they are smaller; when that
    is not enough, whole kinds of figures are left out.
    """
    paths = {
        (task, kind): path for task, of_task in drawn.items() for kind, path in of_task.items()
    }
    found = {key: _inline(comparison, *key, path, False) for key, path in paths.items()}
    if _size(found) > MOST_BYTES:
        for key, path in paths.items():
            image = _inline(comparison, *key, path, True)
            if len(image.markup) < len(found[key].markup):
                found[key] = image
    left_out = []
    for kind in _LEAST:
        if _size(found) > MOST_BYTES:
            without = {key: figure for key, figure in found.items() if key[1] != kind}
            left_out += [kind] if len(without) < len(found) else []
            found = without
    nested: dict[str, dict[str, InlineFigure]] = {}
    for (task, kind), figure in found.items():
        nested.setdefault(task, {})[kind] = figure
    return nested, left_out


def _size(figures: Mapping[tuple[str, str], InlineFigure]) -> int:
    return sum(len(figure.markup) for figure in figures.values())


def _inline(
    comparison: Comparison, task: str, kind: str, path: Path, as_image: bool
) -> InlineFigure:
    caption = captions.figure(kind, comparison, task)
    words = f"{task or 'all tasks'}, {kind}: {caption} The tables hold the numbers."
    if as_image:
        data = base64.b64encode(path.with_suffix(".png").read_bytes()).decode()
        image = Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, words)
        return InlineFigure(image, caption, kind)
    markup = inline_svg(path.read_text(encoding="utf-8"), path.stem, words)
    return InlineFigure(markup, caption, kind)


def inline_svg(svg: str, name: str, words: str) -> Markup:
    """A figure's SVG as part of a page: no references outside, ids of its own, its colours.

    Args:
        svg: what matplotlib wrote: its texts are escaped.
        name: prefix of the ids, unique in the page.
        words: what the figure shows, for readers who do not see it.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    head, _, body = svg.partition(">")
    box = re.search(r'viewBox="([\d. ]+)"', head)
    if box is None:
        raise ValueError(f"the figure {name} is no SVG with a view box")
    prefix = re.sub(r"[^\w-]", "_", name)

    def mend(tag: re.Match[str]) -> str:
        text = re.sub(r'\bid="', f'id="{prefix}-', tag[0])
        text = text.replace("url(#", f"url(#{prefix}-").replace(
            'xlink:href="#', f'href="#{prefix}-'
        )
        text = re.sub(r"(\d\.\d{2})\d+", r"\1", text)  # a hundredth of a point is enough
        for colour, variable in _COLOURS.items():
            text = text.replace(colour, variable)
        # The reader's own font: one family for page and figures.
        return re.sub(r"font: (?:\w+ )?([\d.]+px) [^;\"]*", r"font-size: \1", text)

    body = re.sub(r"<[^>]*>", mend, body)  # tags alone: what is written in the figure stays
    opening = Markup('<svg viewBox="{}" role="img" aria-label="{}">').format(box[1], words)
    return opening + Markup(body)
