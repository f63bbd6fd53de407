"""The report: one safe, self-contained page, made again from a folder without TensorFlow."""

from __future__ import annotations

import re
import subprocess
import sys

import pandas as pd
import pytest
from invented import ERROR, STRATEGIES, TWO_HEADS, write_study
from page_reader import Page

from lossbench.bench.report import report
from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures.exhibit import ShownFigure
from lossbench.bench.report.figures.quality_by_time import QUALITY_BY_TIME
from lossbench.bench.report.page import inline
from lossbench.bench.report.page import page as html
from lossbench.bench.report.read import StudyError, read
from lossbench.bench.report.tables.write import make

EVIL = "\"'><script>alert(1)</script>&lt;$x$"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    directory = write_study(
        tmp_path_factory.mktemp("study"),
        strategies=(*STRATEGIES, EVIL),
        tasks={"two_digits": TWO_HEADS, "autoencode": ERROR, "shortcut": TWO_HEADS},
        variants=(("cpu", "off"), ("cpu", "on")),
        diverged={("subtraction", "shortcut"): 10, ("subtraction", "two_digits"): 2},
        crashed=(("mgda", "shortcut"),),
        absent=(("pcgrad", "autoencode"),),
        single_task=True,
    )
    report(directory)
    return directory


@pytest.fixture(scope="module")
def text(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_the_page_needs_nothing_from_outside(text, page):
    assert "http:" not in text
    assert "https:" not in text
    assert not re.search(r"@import|url\((?!#)", text)
    assert not page.all("link")
    for tag, attributes in page.tags:
        assert attributes.get("src", "data:").startswith("data:"), tag
        assert attributes.get("href", "#").startswith("#"), tag
    assert len(text) < 5_000_000


def test_links_and_ids_of_the_page_fit_together(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [attributes["href"][1:] for _, attributes in page.tags if "href" in attributes]
    targets += [attributes["aria-labelledby"] for attributes in page.all("table")]
    assert set(targets) <= set(ids)


def test_labels_and_reasons_are_escaped(text, page):
    assert text.count("<script") == 1  # our own
    assert "<script>alert" not in text
    assert "alert(1)" in "".join(page.texts)  # the label is there, as text
    assert "loss of head <left> beyond" in "".join(page.texts)


def test_every_figure_has_words_and_every_table_has_heads(page):
    # Leaderboard, profile and overview, 4 figures of two tasks, 3 of the one with one head.
    assert len(page.all("svg")) == 14
    for svg in page.all("svg"):
        assert svg["role"] == "img"
        assert len(svg["aria-label"]) > 20
    assert len(page.all("table")) == 7
    assert {head["scope"] for head in page.all("th")} == {"col", "row"}


def test_the_first_screen_says_what_was_shown_and_what_failed(page):
    words = " ".join(" ".join(page.texts).split())
    first = words[: words.index("What limits this answer")]
    assert "On 3 tasks with 10 seeds" in first
    assert "12 diverged and 10 crashed: subtraction on shortcut (10 of 10)" in first
    assert "Not run: pcgrad" in first
    assert re.search(r"\[[+-]0\.\d+, [+-]0\.\d+\]", first)
    assert "1 of 21 cells have not run" in words
    assert "lossbench run --preset quick --out results/latest" in words


def test_single_task_scores_stand_below_the_tables_and_nowhere_else(folder, page):
    words = " ".join(" ".join(page.texts).split())
    assert (
        words.count("Single-task scores, each loss trained alone with the same seeds: left/") == 2
    )
    assert (
        words.count("Single-task scores, each loss trained alone with the same seeds: image/") == 1
    )
    assert words.count("Retained, %") == 3
    # Of each task: its mean and difference in its table, its mean in the one of all.
    assert words.count("Δm, %") == 10  # and that subtraction fails
    assert "weights=(1.0, 0.0)" not in words
    assert not any("weights=(1.0" in file.read_text() for file in folder.glob("tables/*.csv"))


def test_numbers_in_figures_stay_as_they_were_drawn(folder, page):
    drawn = (folder / "figures" / "autoencode-quality_by_time.svg").read_text(encoding="utf-8")
    ticks = re.findall(r">(0\.\d+)</text>", drawn)
    assert ticks
    assert set(ticks) <= set(page.texts)


def test_tables_and_figures_lie_beside_the_page(folder):
    names = {path.name for path in (folder / "tables").iterdir()}
    for stem in ("overall", "two_digits", "autoencode", "shortcut", "training_time", "failures"):
        assert {f"{stem}.csv", f"{stem}.md"} <= names
    failures = pd.read_csv(folder / "tables" / "failures.csv")
    assert len(failures) == 2 * 22  # in both variants
    assert (folder / "figures" / "two_digits-differences.png").is_file()


def test_the_report_is_made_without_tensorflow(tmp_path):
    write_study(tmp_path, strategies=("sum", "mean"), tasks={"one": ERROR}, seeds=3)
    code = (
        "import sys; from pathlib import Path; from lossbench.bench.report import report; "
        f"report(Path({str(tmp_path)!r})); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def rendered(folder, svg, monkeypatch, most):
    """The page with one figure, where so many bytes of figures are allowed."""
    monkeypatch.setattr(inline, "MOST_BYTES", most)
    comparison = compare(read(folder))
    fields = {"task": "two_digits"}
    words = QUALITY_BY_TIME.words(comparison, fields)
    shown = ShownFigure(QUALITY_BY_TIME, fields, svg.stem, words, svg, 5.6)
    return Page(html.render(comparison, make(comparison), [shown]))


def test_many_large_figures_become_images(folder, tmp_path, monkeypatch):
    svg = folder / "figures" / "two_digits-quality_by_time.svg"
    large = tmp_path / svg.name
    padding = "".join(f"<path d='M {i} 0'/>" for i in range(20_000))
    large.write_text(svg.read_text(encoding="utf-8").replace("</svg>", f"{padding}</svg>"))
    large.with_suffix(".png").write_bytes(svg.with_suffix(".png").read_bytes())
    found = rendered(folder, large, monkeypatch, 200_000)
    assert not found.all("svg")
    (image,) = found.all("img")
    assert image["alt"].startswith("two_digits, quality by time: ")


def test_figures_that_are_still_too_many_are_left_out_and_named(folder, monkeypatch):
    svg = folder / "figures" / "two_digits-quality_by_time.svg"
    found = rendered(folder, svg, monkeypatch, 0)
    assert not found.all("svg")
    assert not found.all("img")
    assert "to keep this page small, <task>-quality_by_time are there alone" in found.words


def test_half_a_study_reports_what_is_there(tmp_path):
    write_study(
        tmp_path,
        strategies=("sum", "pcgrad"),
        absent=(("sum", "autoencode"), ("pcgrad", "autoencode")),
        crashed=(("sum", "two_digits"),),
    )
    (tmp_path / "env.json").unlink()
    page = Page(report(tmp_path).read_text(encoding="utf-8"))
    words = " ".join(" ".join(page.texts).split())
    assert "2 of 4 cells have not run: sum on autoencode, pcgrad on autoencode" in words
    assert "sum has no finished run on two_digits" in words
    assert "There is nothing to draw for this task yet." in words
    assert "There is no env.json" in words


def test_one_strategy_alone_is_reported(tmp_path):
    write_study(tmp_path, strategies=("sum",), seeds=1)
    text = report(tmp_path).read_text(encoding="utf-8")
    assert "only sum was run: there is nothing to compare" in text


def test_a_folder_without_runs_is_refused_and_left_alone(tmp_path):
    write_study(tmp_path, strategies=("sum",), seeds=1)
    (tmp_path / "runs.parquet").unlink()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StudyError, match=r"no runs\.parquet"):
        report(tmp_path)
    assert sorted(tmp_path.iterdir()) == before
