"""From a results folder to tables, figures and one self-contained report.html, without TensorFlow.

Everything is a function of the stored folder, so that a report can be made again at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ...statistics.equivalence import ROPE
from ...store.atomic import replacing
from ..analysis.comparison import Comparison, compare
from ..figures import write as draw_figures
from ..read.study import read
from ..tables.failures import failure_table
from ..tables.leaderboard import leaderboard_table
from ..tables.overall import overall_table
from ..tables.training_time import cost_table
from ..tables.write import write as write_tables
from . import captions, sections, timed
from .answer import answer
from .inline import inline_all

FOLDED = 3  # more tasks than this: their sections are folded, so that the page can be surveyed


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
    write_tables(comparison, directory / "tables")
    drawn = draw_figures.draw(comparison, directory / "figures")
    page = render(comparison, drawn)
    path = directory / "report.html"
    with replacing(path) as aside:
        aside.write_text(page, encoding="utf-8")
    return path


def render(comparison: Comparison, drawn: Mapping[str, Mapping[str, Path]]) -> str:
    """The page as one string."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    study = comparison.study
    inline, left_out = inline_all(comparison, drawn)
    all_tasks = inline.get(draw_figures.ALL, {})
    return environment.get_template("page.html.j2").render(
        plan=study.plan,
        created=str(study.plan.get("created", "")),
        answer=answer(comparison),
        baseline=comparison.baseline,
        rope=f"{100 * ROPE:g} %",
        captions={
            "leaderboard": captions.leaderboard(comparison),
            "overall": captions.overall(comparison),
        },
        leaderboard=leaderboard_table(comparison),
        overall=overall_table(comparison),
        all_tasks={
            kind: [all_tasks[kind]] if kind in all_tasks else [] for kind in draw_figures.ALL_TASKS
        },
        folded=len(study.tasks) > FOLDED,
        sections=[
            sections.section(comparison, task, i, inline.get(task, {}))
            for i, task in enumerate(study.tasks)
        ],
        costs=[
            *(all_tasks[kind] for kind in ("cost", "growth") if kind in all_tasks),
            *(of_task["time"] for of_task in inline.values() if "time" in of_task),
        ],
        timed=[
            sections.Shown(table, f"timed-{i}", caption, name)
            for i, (name, (table, caption)) in enumerate(timed.tables(comparison).items())
        ],
        timed_notes=timed.notes(comparison),
        left_out=left_out,
        curves=bool(comparison.static_weights),
        failures=failure_table(study),
        cost=cost_table(comparison),
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
