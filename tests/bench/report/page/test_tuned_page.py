"""The page of a tuned study with everything that can be recorded, and its files."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import pytest
from invented import ERROR, TWO_HEADS, Tuned, write_study
from page_reader import Page

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import leaderboard, profile, style, trade_off, write
from lossbench.bench.report.figures import tuning as trial_figures
from lossbench.bench.report.page import page
from lossbench.bench.report.read.study import read

NAMES = ("sum", "pcgrad", "weighted", "mgda")
TASKS = {"a": TWO_HEADS, "b": TWO_HEADS, "c": TWO_HEADS, "d": ERROR}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tuned")
    options = {"strategies": NAMES, "tasks": TASKS, "seeds": 8, "single_task": True}
    rates = {"mgda": 5e-2, "pcgrad": 1e-3}
    how = Tuned(best_rates=rates)
    write_study(directory, diverged={("mgda", "a"): 2}, tuned=how, stability={}, **options)
    page.build(directory)
    return directory


@pytest.fixture(scope="module")
def html(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def comparison(folder):
    return compare(read(folder))


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
    kinds = [attributes.get("class") for attributes in html.all("figure")]
    for kind in ("leaderboard", "profile", "overview"):
        assert kinds.count(kind) == 1
    for kind in ("differences", "curves", "stability", "trials", "best-of-k", "time"):
        assert kinds.count(kind) == 4
    for kind in ("trade-off", "conflict"):  # they need two heads
        assert kinds.count(kind) == 3


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
    for stem in ("leaderboard", "overall", "a", "a-tuning", "a-frontier", "a-stability"):
        assert {f"{stem}.md", f"{stem}.tex"} <= names
    for stem in ("leaderboard", "tuning", "frontier", "stability", "conflict", "changes"):
        assert f"{stem}.csv" in names
    tuning = pd.read_csv(folder / "tables" / "tuning.csv", index_col=["task", "label"])
    assert tuning.loc[("a", "mgda"), "edge"] == "high"
    assert tuning["trials"].eq(8).all()
    leaders = pd.read_csv(folder / "tables" / "leaderboard.csv", index_col="label")
    assert set(leaders.index) == set(NAMES)


def _texts(figure):
    return [text.get_text() for text in figure.findobj(mpl.text.Text)]


def test_the_leaderboard_picture_shows_scores_and_intervals_of_the_table(comparison):
    figure = leaderboard.leaderboard(comparison)
    row = comparison.leaderboard.table.loc["pcgrad"]
    left, right = figure.axes
    spans = [tuple(line.get_xdata()) for line in left.lines if len(line.get_xdata()) == 2]
    assert any(span == pytest.approx((100 * row["low"], 100 * row["high"])) for span in spans)
    spans = [tuple(line.get_xdata()) for line in right.lines if len(line.get_xdata()) == 2]
    wanted = 100 * row["difference_low"], 100 * row["difference_high"]
    assert any(span == pytest.approx(wanted) for span in spans)
    names = [label.get_text() for label in left.get_yticklabels()]
    scores = comparison.leaderboard.table["iqm"]
    assert names == list(scores.sort_values(ascending=False).index)


def test_the_profile_is_the_share_of_runs_above(comparison):
    axes = profile.profile(comparison).axes[0]
    colour = style.highlights(comparison)["mgda"].colour
    (line,) = (line for line in axes.lines if line.get_color() == colour)
    runs = comparison.study.runs.query("label == 'mgda'")
    scores = runs["normalized_score"].where(runs["status"] == "ok", 0)
    assert line.get_ydata()[80] == pytest.approx((scores > profile.GRID[80]).mean())
    assert line.get_ydata()[0] == pytest.approx(30 / 32)  # two runs failed


def test_trials_are_drawn_where_they_were_tried(comparison):
    figure = trial_figures.trials(comparison, "a")
    panels = {axes.get_title(): axes for axes in figure.axes}
    assert set(panels) == set(NAMES)
    trials = comparison.study.trials.query("task == 'a' and label == 'pcgrad'")
    points, chosen, failed = panels["pcgrad"].lines[:3]
    ok = trials["status"] == "ok"
    assert sorted(points.get_xdata()) == pytest.approx(sorted(trials.loc[ok, "learning_rate"]))
    assert list(chosen.get_xdata()) == trials.loc[trials["chosen"], "learning_rate"].to_list()
    assert sorted(failed.get_xdata()) == pytest.approx(sorted(trials.loc[~ok, "learning_rate"]))
    assert failed.get_marker() == "x"
    assert len(failed.get_xdata()) > 0


def test_best_of_k_never_falls_and_ends_at_the_best(comparison):
    axes = trial_figures.best_of(comparison, "a").axes[0]
    best = comparison.tuning.xs("a", level="task")["best_score"]
    ends = {line.get_color(): line.get_ydata() for line in axes.lines}
    assert len(ends) == len(NAMES)
    assert sorted(values[-1] for values in ends.values()) == pytest.approx(sorted(100 * best))
    assert all((values[1:] >= values[:-1]).all() for values in ends.values())


def test_the_trade_off_has_the_curve_and_its_weights(comparison):
    figure = trade_off.trade_off(comparison, "a")
    assert "constant weights" in _texts(figure)
    assert {"1 : 0", "0 : 1"} <= set(_texts(figure))
    assert len(figure.axes) == 2


def test_an_untuned_task_has_neither_trials_nor_a_curve(tmp_path):

    study = compare(read(write_study(tmp_path, strategies=NAMES, tasks={"a": TWO_HEADS}, seeds=3)))
    assert trial_figures.trials(study, "a") is None
    assert trial_figures.best_of(study, "a") is None
    assert len(trade_off.trade_off(study, "a").axes) == 1
    drawn = write.draw(study, tmp_path / "figures")
    assert set(drawn["a"]) == {"differences", "curves", "trade-off", "time"}
