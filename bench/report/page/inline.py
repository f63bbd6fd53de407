"""Figures inside the page: SVG that takes on its colours, or an image where that is smaller."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from ..figures import style
from ..figures.exhibit import ShownFigure

MOST_BYTES = 3_600_000  # of figures: with its tables the report stays under 5 MB
# The colours of a figure become those of the page, which follow light and dark.
_COLOURS = {
    style.INK: "var(--ink)",
    style.GRID: "var(--line)",
    style.QUIET: "var(--quiet)",
    style.PAPER: "var(--paper)",
    **{colour: f"var(--c{i})" for i, colour in enumerate(style.PALETTE)},
}


class InlineFigure(NamedTuple):
    """A figure and its markup, SVG or an image, with words for those who see none."""

    shown: ShownFigure
    markup: Markup


def inline_all(figures: Sequence[ShownFigure]) -> tuple[list[InlineFigure], list[ShownFigure]]:
    """The figures for the page, and those that had to be left out to keep it small.

    When all together would be too much, images stand in for SVG where they are smaller; when that
    is not enough, whole exhibits are left out, those of the least weight first.
    """
    found = [InlineFigure(each, _svg(each, i)) for i, each in enumerate(figures)]
    if _size(found) > MOST_BYTES:
        images = [InlineFigure(each, _image(each)) for each in figures]
        found = [
            min(both, key=lambda each: len(each.markup)) for both in zip(found, images, strict=True)
        ]
    left_out: list[ShownFigure] = []
    exhibits = dict.fromkeys(each.exhibit for each in figures)
    for exhibit in sorted(exhibits, key=lambda exhibit: exhibit.weight):
        if _size(found) > MOST_BYTES:
            left_out += [each.shown for each in found if each.shown.exhibit is exhibit]
            found = [each for each in found if each.shown.exhibit is not exhibit]
    return found, left_out


def _size(figures: Sequence[InlineFigure]) -> int:
    return sum(len(figure.markup) for figure in figures)


def _words(figure: ShownFigure) -> str:
    return f"{figure}, {figure.exhibit.kind}: {figure.caption} The tables hold the numbers."


def _image(figure: ShownFigure) -> Markup:
    data = base64.b64encode(figure.svg.with_suffix(".png").read_bytes()).decode()
    return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, _words(figure))


def _svg(figure: ShownFigure, i: int) -> Markup:
    text = figure.svg.read_text(encoding="utf-8")
    return inline_svg(text, f"f{i}", _words(figure))


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
    parts = re.split(r"(<[^>]*>)", body)
    # Tags alone are changed, all at once: what is written in the figure stays.
    parts[1::2] = _mend("\0".join(parts[1::2]), name).split("\0")
    body = "".join(part for part in parts if part.strip() or "\n" not in part)
    opening = Markup('<svg viewBox="{}" role="img" aria-label="{}">').format(box[1], words)
    return opening + Markup(body)


def _mend(tags: str, name: str) -> str:
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', tags))
    tags = re.sub(
        r' id="([^"]*)"', lambda id_: f' id="{name}-{id_[1]}"' if id_[1] in used else "", tags
    )
    tags = tags.replace("url(#", f"url(#{name}-").replace('xlink:href="#', f'href="#{name}-')
    tags = re.sub(r"(\d\.\d\d)\d+", r"\1", tags)  # a hundredth of a point is enough
    for colour, variable in _COLOURS.items():
        tags = tags.replace(colour, variable)
    # The reader's own font: one family for page and figures.
    return re.sub(r"font: (?:\w+ )?([\d.]+px) [^;\"]*", r"font-size: \1", tags)
