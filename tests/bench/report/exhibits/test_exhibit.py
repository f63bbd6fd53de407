"""Exhibits: names of files, sections, captions; and a figure and a table from outside."""

from __future__ import annotations

import importlib.util
import io
import re

import pandas as pd
import pytest
from invented import ERROR, TWO_HEADS, write_study
from page_reader import Page
from rich.console import Console

from lossbench.bench.report import report
from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.exhibits.exhibit import Exhibit, shown
from lossbench.bench.report.figures import FIGURES
from lossbench.bench.report.read.study import read
from lossbench.bench.report.tables import TABLES

FIGURE = """
from matplotlib.figure import Figure

from lossbench.bench.report.figures.exhibit import FigureExhibit


def seeds(comparison, task):
    figure = Figure(figsize=(3, 2))
    runs = comparison.study.outcomes(task)
    figure.subplots().plot(runs["seed"], runs["primary_metric"], ".")
    return figure


SEEDS = FigureExhibit(
    name="{task}-seeds", draw=seeds, place="task", caption="Every seed of {baseline} & others."
)
"""
TABLE = """
from lossbench.bench.report.tables.exhibit import TableExhibit
from lossbench.bench.report.tables.table import Entry, Table


def frame(comparison):
    return comparison.study.runs.groupby("label")[["wall_s"]].sum()


def waiting(comparison):
    rows = [[Entry(x), Entry(f"{y:.1f} s", y)] for x, y in frame(comparison)["wall_s"].items()]
    return Table(["Strategy", "Time"], rows)


WAITING = TableExhibit(
    name="waiting", make=waiting, frame=frame, place="cost", title="Waiting", caption="All told."
)
"""


def exhibit_of(path, source, name):
    """An object of a file that somebody else wrote."""
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


@pytest.fixture
def mine(tmp_path):
    """A figure and a table, each one file and one line in a list."""
    FIGURES.append(exhibit_of(tmp_path / "my_figure.py", FIGURE, "SEEDS"))
    TABLES.append(exhibit_of(tmp_path / "my_table.py", TABLE, "WAITING"))
    yield
    FIGURES.pop()
    TABLES.pop()


def test_a_figure_and_a_table_from_outside_are_one_file_and_one_line_each(tmp_path, mine):
    folder = write_study(tmp_path / "study", strategies=("sum", "mean"), seeds=3)
    screen = io.StringIO()
    text = report(folder, Console(file=screen, width=100)).read_text(encoding="utf-8")
    page = Page(text)

    anchors = [attributes["id"] for attributes in page.all("figure")]
    assert {"figure-two_digits-seeds", "figure-autoencode-seeds"} <= set(anchors)
    start, end = (text.index(f'id="{name}"') for name in ("task-0", "task-1"))
    assert start < text.index('id="figure-two_digits-seeds"') < end
    assert text.index('id="cost"') < text.index('id="table-waiting"') < text.index('id="failures"')
    assert "Every seed of sum & others." in page.words
    assert "Waiting" in page.words
    assert "All told." in page.words

    for name in ("two_digits-seeds", "autoencode-seeds"):
        assert {path.suffix for path in (folder / "figures").glob(f"{name}.*")} == {".svg", ".png"}
    files = {path.suffix for path in (folder / "tables").glob("waiting.*")}
    assert files == {".csv", ".md", ".tex"}
    assert pd.read_csv(folder / "tables" / "waiting.csv")["wall_s"].tolist() == [21.0, 21.0]

    tables, figures = (
        next(line for line in screen.getvalue().splitlines() if line.startswith(kind))
        for kind in ("tables: ", "figures: ")
    )
    assert tables.endswith(", waiting")
    assert figures.endswith(", <task>-seeds")


def test_no_two_files_have_the_same_name(tmp_path):
    tasks = {"overall": TWO_HEADS, "a/b": ERROR, "a:b": ERROR, "A_b": ERROR}
    comparison = compare(read(write_study(tmp_path, strategies=("sum",), tasks=tasks, seeds=2)))
    exhibits = [Exhibit(name="{task}", place="task"), Exhibit(name="overall", place="overall")]
    stems = [stem for _, _, stem in shown(exhibits, comparison)]
    assert stems == ["overall-2", "a_b", "a_b-2", "A_b-3", "overall"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "mine", "place": "costs"}, "mine: no section 'costs' in the page; use leader"),
        ({"name": "mine", "place": "task"}, "mine: the section of a task needs {task} in the name"),
        ({"name": "{tsk}-mine"}, "{tsk}-mine: nothing fills {tsk}; use {task}, or give `each`"),
    ],
)
def test_an_exhibit_that_cannot_be_shown_says_so_at_once(options, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Exhibit(**options)
