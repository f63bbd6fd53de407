"""One self-contained report.html."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ...statistics.equivalence import ROPE
from ...store.atomic import replacing
from ..analysis import cost
from ..analysis.comparison import Comparison
from ..exhibits.exhibit import listed
from ..figures.exhibit import ShownFigure
from ..tables.exhibit import ShownTable
from . import sections
from .answer import answer
from .inline import inline_all

FOLDED = 3  # tasks; of more the sections are folded, so that the page can be surveyed


def write(
    comparison: Comparison,
    tables: Sequence[ShownTable],
    figures: Sequence[ShownFigure],
    path: Path,
) -> None:
    """Writes the page into a file, whole or not at all."""
    page = render(comparison, tables, figures)
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def render(
    comparison: Comparison, tables: Sequence[ShownTable], figures: Sequence[ShownFigure]
) -> str:
    """The page as one string."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    study, times = comparison.study, comparison.step_times
    inline, left_out = inline_all(figures)
    return environment.get_template("page.html.j2").render(
        plan=study.plan,
        created=str(study.plan.get("created", "")),
        answer=answer(comparison),
        baseline=comparison.baseline,
        rope=f"{100 * ROPE:g} %",
        budget=study.budget,
        single_task=len(comparison.single_task) > 0,
        static_weights=bool(comparison.static_weights),
        shown=sections.sections(inline, tables),
        tasks=[sections.of_task(comparison, task, inline, tables) for task in study.tasks],
        folded=len(study.tasks) > FOLDED,
        timed=times is not None,
        timed_notes=[] if times is None else cost.notes(times),
        left_out=listed(left_out),
        environment=[(key, _words(value)) for key, value in study.environment.items()],
    )


def _breakable(label: str) -> Markup:
    """A label that may be broken where its parts end."""
    return Markup("<wbr>").join(re.split(r"(?<=[(,=/:|])", label))


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_words(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value))
    return str(value)
