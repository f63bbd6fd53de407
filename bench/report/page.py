"""From a results folder to tables, figures and one self-contained report.html, without TensorFlow.

Everything is a function of the stored folder, so that a report can be made again at any time.
"""

from __future__ import annotations

import base64
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from . import alone, drawing, figures, tables
from .answer import answer
from .compare import Comparison, compare
from .study import Study, read

MOST_BYTES = 4_000_000  # of figures: the report stays under 5 MB
_CAPTIONS = {
    "differences": "Right of the line is better than {baseline}. Filled and coloured: it passed "
    "the correction for many comparisons. Hollow: the interval alone says so.",
    "curves": "Learning curves. The start, where all are near chance, may lie outside. Dotted "
    "lines that end in a cross are seeds that failed.",
    "trade-off": "The two heads against each other, on the test split.",
    "time": "Time is that of the training run: good for orders of magnitude.",
    "overview": "Colour: paired difference to {baseline} in standard deviations of {baseline} over "
    "seeds. Marked: it passed the correction for many comparisons.",
}
# The colours of a figure become those of the page, which follow light and dark.
_COLOURS = {
    drawing.INK: "var(--ink)",
    drawing.GRID: "var(--line)",
    drawing.QUIET: "var(--quiet)",
    drawing.PAPER: "var(--paper)",
    **{colour: f"var(--c{i})" for i, colour in enumerate(drawing.PALETTE)},
}


class InlineFigure(NamedTuple):
    """A figure in the page: SVG or an image, its caption and its words for those who see none."""

    markup: Markup
    caption: str


def build(directory: Path) -> Path:
    """Writes tables/, figures/ and report.html of a results folder.

    Returns:
        The path of report.html.

    Raises:
        StudyError: the folder cannot be read; the message says what to do.
    """
    return write(compare(read(Path(directory))), Path(directory))


def write(comparison: Comparison, directory: Path) -> Path:
    """The same from a comparison that was made already."""
    tables.write(comparison, directory / "tables")
    drawn = figures.draw(comparison, directory / "figures")
    page = render(comparison, drawn)
    path, aside = directory / "report.html", directory / f".report.{os.getpid()}.html"
    aside.write_text(page, encoding="utf-8")
    aside.replace(path)
    return path


def render(comparison: Comparison, drawn: Mapping[str, Mapping[str, Path]]) -> str:
    """The page as one string."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    study = comparison.study
    size = sum(path.stat().st_size for of_task in drawn.values() for path in of_task.values())
    inline = {
        task: [
            _inline(comparison, task, kind, path, as_image=size > MOST_BYTES)
            for kind, path in of_task.items()
        ]
        for task, of_task in drawn.items()
    }
    environment.filters["breakable"] = _breakable
    return environment.get_template("page.html.j2").render(
        plan=study.plan,
        created=str(study.plan.get("created", "")),
        answer=answer(comparison),
        baseline=comparison.baseline,
        partial=tables.PARTIAL,
        overall=tables.overall_table(comparison),
        overview=inline.get(figures.ALL, []),
        sections=[
            {
                "name": task,
                "anchor": f"task-{i}",
                "about": _about(study, task),
                "figures": inline.get(task, []),
                "table": tables.task_table(comparison, task),
                "correlation": _correlation(comparison, task),
                "alone": alone.sentence(study, task),
            }
            for i, task in enumerate(study.tasks)
        ],
        failures=tables.failure_table(study),
        cost=tables.cost_table(comparison),
        environment=[(key, _words(value)) for key, value in study.environment.items()],
    )


def _about(study: Study, task: str) -> list[tuple[str, str]]:
    """What a task is, as pairs of a name and words."""
    about, primary = study.plan["tasks"][task], study.primary(task)
    metric = about["metrics"][primary]
    chance = metric.get("chance")
    direction = "higher" if metric["higher_is_better"] else "lower"
    judged = f"{primary}, {direction} is better"
    judged += (
        "" if chance is None or not math.isfinite(chance) else f", {chance:g} without learning"
    )
    heads = [
        f"{head['name']} ({head.get('kind', 'task')}, weight {head.get('weight', 1):g})"
        for head in about.get("heads", [])
    ]
    runs = study.outcomes(task)
    training = [f"{about[key]} {key}" for key in ("seeds", "steps") if key in about]
    for column in ("optimizer", "learning_rate", "batch_size"):
        if column in runs:
            values = ", ".join(map(str, runs[column].dropna().unique()))
            training.append(f"{column.replace('_', ' ')} {values}")
    return [
        ("Question", str(about.get("summary", ""))),
        ("Source", str(about.get("source", ""))),
        ("Losses", ", ".join(heads)),
        ("Primary metric", judged),
        ("Training", ", ".join(training)),
    ]


def _correlation(comparison: Comparison, task: str) -> str:
    """How much pairing by seed pays: the median correlation with the baseline."""
    values = comparison.tasks[task]["correlation"].dropna()
    if values.empty:
        return ""
    return (
        f"The correlation with {comparison.baseline} over the seeds is {values.median():.2f} "
        "(median over strategies); the closer to 1, the more pairing by seed pays."
    )


def _inline(
    comparison: Comparison, task: str, kind: str, path: Path, as_image: bool
) -> InlineFigure:
    caption = _CAPTIONS[kind].format(baseline=comparison.baseline)
    words = f"{task or 'all tasks'}, {kind}: {caption} The table beside it holds the numbers."
    if as_image:
        data = base64.b64encode(path.with_suffix(".png").read_bytes()).decode()
        image = Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, words)
        return InlineFigure(image, caption)
    return InlineFigure(inline_svg(path.read_text(encoding="utf-8"), path.stem, words), caption)


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


def _breakable(label: str) -> Markup:
    """A label that may be broken where its parts end."""
    return Markup("<wbr>").join(re.split(r"(?<=[(,=/:|])", label))


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_words(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value))
    return str(value)
