"""Figures inside the page: what is changed in an SVG, and what is left out first."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from lossbench.bench.report.figures.exhibit import FigureExhibit, ShownFigure
from lossbench.bench.report.page import inline


def test_tags_follow_the_page_and_texts_stay():
    svg = (
        '<?xml version="1.0"?><svg width="9pt" viewBox="0 0 9 9"><metadata>when</metadata>\n'
        '<g id="axes_1">\n<path id="m1" d="M 1.23456 2"/><use xlink:href="#m1"/>'
        '<text style="font: 8.5px sans-serif; fill: #1b1f24">id="m1" #1b1f24 1.23456</text>\n'
        "</g></svg>"
    )
    found = inline.inline_svg(svg, "f7", "what <it> shows")
    assert found == (
        '<svg viewBox="0 0 9 9" role="img" aria-label="what &lt;it&gt; shows">'
        '<g><path id="f7-m1" d="M 1.23 2"/><use href="#f7-m1"/>'
        '<text style="font-size: 8.5px; fill: var(--ink)">id="m1" #1b1f24 1.23456</text></g></svg>'
    )


def shown(name: str, weight: int, directory: Path) -> ShownFigure:
    exhibit = FigureExhibit(name=name, draw=Figure, weight=weight)
    svg = directory / f"{name}.svg"
    svg.write_text('<svg viewBox="0 0 9 9">' + "<g></g>" * 1000 + "</svg>")
    svg.with_suffix(".png").write_bytes(b"x" * 9000)
    return ShownFigure(exhibit, {}, name, "", svg, 5.6)


def test_the_least_weight_is_left_out_first(tmp_path, monkeypatch):
    figures = [shown(f"w{weight}", weight, tmp_path) for weight in (3, 1, 2)]
    monkeypatch.setattr(inline, "MOST_BYTES", 16_000)
    found, left_out = inline.inline_all(figures)
    assert [each.shown.stem for each in found] == ["w3", "w2"]
    assert [each.stem for each in left_out] == ["w1"]
    monkeypatch.setattr(inline, "MOST_BYTES", 8_000)
    assert [each.stem for each in inline.inline_all(figures)[1]] == ["w1", "w2"]
