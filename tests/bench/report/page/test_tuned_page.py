"""The page of a tuned study with everything that can be recorded, and its files."""

from __future__ import annotations

import pandas as pd
import pytest
from invented import ERROR, TWO_HEADS, Tuned, write_study
from page_reader import Page

from lossbench.bench.report import report

NAMES = ("sum", "pcgrad", "weighted", "mgda")
TASKS = {"a": TWO_HEADS, "b": TWO_HEADS, "c": TWO_HEADS, "d": ERROR}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tuned")
    options = {"strategies": NAMES, "tasks": TASKS, "seeds": 8, "single_task": True}
    rates = {"mgda": 5e-2, "pcgrad": 1e-3}
    how = Tuned(best_rates=rates)
    report(write_study(directory, diverged={("mgda", "a"): 2}, tuned=how, stability={}, **options))
    return directory


@pytest.fixture(scope="module")
def html(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_the_sections_stand_in_the_order_of_the_questions(html):
    ids = [attributes["id"] for _, attributes in html.tags if "id" in attributes]
    wanted = ["leaderboard", "limits", "overall", "task-0", "task-3", "cost", "method", "reproduce"]
    assert [name for name in ids if name in wanted] == wanted
    assert len(ids) == len(set(ids))
    links = {attributes["href"][1:] for attributes in html.all("a")}
    assert links <= set(ids)


def test_many_tasks_are_folded_and_their_tables_open_inside(html):
    details = html.all("details")
    tasks = [each for each in details if each.get("class") == "task"]
    assert len(tasks) == 4
    assert not any("open" in each for each in tasks)
    assert all("open" in each for each in details if each.get("class") == "table")


def test_every_kind_of_figure_is_in_the_page_once_per_task(html):
    anchors = [attributes["id"] for attributes in html.all("figure")]
    assert anchors[:3] == ["figure-leaderboard", "figure-profile", "figure-overview"]
    each = ("differences", "learning_curves", "stability", "tuning", "best_of_k", "quality_by_time")
    wanted = {f"figure-{task}-{kind}" for task in TASKS for kind in each}
    wanted |= {f"figure-{task}-{kind}" for task in "abc" for kind in ("trade_off", "conflict")}
    assert set(anchors[3:]) == wanted  # a trade-off and a conflict need two heads
    assert len(anchors) == len(set(anchors))


def test_the_warnings_are_in_words(html):
    words = html.words[html.words.index("What limits this answer") :]
    assert "Best learning rate at the edge of the range for: mgda on a (high)" in words
    assert "too few tasks for a rank test" in words
    assert "Nothing was tuned" not in words
    assert "are there twice" not in words
    assert "2 diverged: mgda on a (2 of 8)" in html.words
    assert "Tuning with 8 trials per strategy and task changed" in html.words


def test_tables_are_there_in_all_three_forms(folder):
    names = {path.name for path in (folder / "tables").iterdir()}
    for stem in ("leaderboard", "overall", "a", "a-tuning", "a-static_weights", "a-stability"):
        assert {f"{stem}.md", f"{stem}.tex"} <= names
    numbers = ("leaderboard", "tuning", "static_weights", "stability", "conflict", "tuning_effect")
    for stem in numbers:
        assert f"{stem}.csv" in names
    tuning = pd.read_csv(folder / "tables" / "tuning.csv", index_col=["task", "label"])
    assert tuning.loc[("a", "mgda"), "edge"] == "high"
    assert tuning["trials"].eq(8).all()
    leaders = pd.read_csv(folder / "tables" / "leaderboard.csv", index_col="label")
    assert set(leaders.index) == {*NAMES, "best constant weights"}
