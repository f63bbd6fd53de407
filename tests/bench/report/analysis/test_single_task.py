"""Single-task runs in a comparison: what they reached, and the scores against them."""

from __future__ import annotations

import pandas as pd
import pytest
from invented import TWO_HEADS, heads_of, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.analysis.single_task import notes, sentence, single_task
from lossbench.bench.report.read import read
from lossbench.bench.report.tables import write
from lossbench.bench.report.tables.markdown import markdown
from lossbench.bench.report.tables.overall import overall_table
from lossbench.bench.store.scores import score

ENDS = ("weighted(weights=(1.0, 0.0))", "weighted(weights=(0.0, 1.0))")


def with_single_task(tmp_path, **options):
    two = {"strategies": ("sum", "a"), "tasks": {"t": TWO_HEADS}, "seeds": 3, "single_task": True}
    known = {(ENDS[0], "t"): [0.8] * 3, ("sum", "t"): [0.6] * 3, ("a", "t"): [0.5, 0.7, 0.9]}
    known = {key: values * 2 for key, values in known.items()}  # enough for more seeds
    write_study(tmp_path, series=False, values=known, **{**two, **options})
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    right = runs["label"].map({ENDS[1]: 0.5, "sum": 0.5, "a": 0.25, ENDS[0]: 0.2})
    runs["metric/right/accuracy/test"] = right.where(runs["status"] == "ok")
    one = dict.fromkeys(runs["cell"], "one")
    runs = score(runs, one, {"t": heads_of(TWO_HEADS)})
    runs.to_parquet(tmp_path / "runs.parquet")
    return compare(read(tmp_path))


def test_single_task_runs_are_no_strategies_of_the_comparison(tmp_path):
    with_them = with_single_task(tmp_path / "with")
    without = with_single_task(tmp_path / "without", single_task=False)
    assert with_them.study.labels == ["sum", "a"]
    assert list(with_them.tasks["t"].index) == ["sum", "a"]
    assert len(with_them.study.single_task) == 6
    left, right = with_them.tasks["t"].loc["a"], without.tasks["t"].loc["a"]
    assert left["p_adjusted"] == right["p_adjusted"], "nor of the family of tests"
    assert with_them.study.variants == without.study.variants
    assert not any("weighted" in note for note in with_them.notes)


def test_a_single_task_run_that_is_asked_for_is_both(tmp_path):
    result = with_single_task(tmp_path, strategies=("sum", ENDS[0], "a"))
    assert result.study.labels == ["sum", ENDS[0], "a"]
    # Left like its single-task run, right (0.2 - 0.5) / 0.5.
    assert result.tasks["t"].loc[ENDS[0], "delta_m mean"] == pytest.approx(-30)
    assert result.single_task["runs"].tolist() == [3, 3]


def test_scores_of_a_known_table_stand_in_all_tables(tmp_path):
    result = with_single_task(tmp_path)
    table = result.tasks["t"]
    # sum: left -25 %, right 0. a: left -37.5, -12.5, 12.5 %, right -50 %.
    assert table.loc["sum", "delta_m mean"] == pytest.approx(-12.5)
    assert table.loc["a", "delta_m mean"] == pytest.approx(-31.25)
    assert table.loc["a", "delta_m sd"] == pytest.approx(12.5)
    # Retained: left 5/7, right 1.
    assert table.loc["sum", "normalized_score mean"] == pytest.approx((5 / 7 + 1) / 2)
    assert result.overall.loc["a", "t delta_m"] == pytest.approx(-31.25)
    folder = tmp_path / "tables"
    write.write(write.make(result), folder)
    text = (folder / "t.md").read_text(encoding="utf-8")
    assert "| -31.2 ± 12.5 |" in text
    assert "| 86 ± 0 |" in text
    assert "weighted" not in text
    assert "| -31.2 |" in (folder / "overall.md").read_text(encoding="utf-8")
    scores = pd.read_csv(folder / "single_task.csv")
    assert scores["metric"].tolist() == ["left/accuracy", "right/accuracy"]
    assert scores["mean"].tolist() == pytest.approx([0.8, 0.5])
    assert "left/accuracy 0.800 ± 0.000, right/accuracy 0.500 ± 0.000" in sentence(
        result.single_task, "t"
    )


def test_failed_runs_retain_nothing_and_failed_single_task_runs_are_said(tmp_path):
    lost = {("a", "t"): 1, (ENDS[1], "t"): 1}
    result = with_single_task(tmp_path, diverged=lost, seeds=4)
    # The first seed of both fails; the others have a single-task run.
    assert result.tasks["t"].loc["a", "normalized_score mean"] > 0
    assert any("right on t (3 of 4 seeds)" in note for note in result.notes)
    assert not any("left on t" in note for note in result.notes)
    failed = with_single_task(tmp_path / "failed", diverged={("a", "t"): 2}, seeds=4)
    kept = failed.study.runs.query("label == 'a'")["normalized_score"]
    assert sorted(kept)[:2] == [0, 0]
    assert failed.tasks["t"].loc["a", "normalized_score mean"] == pytest.approx(kept.sum() / 4)


def test_single_task_runs_at_chance_are_said(tmp_path):
    result = with_single_task(tmp_path)
    assert not any("no better than chance" in note for note in result.notes)
    about = result.study.plan["tasks"]["t"]["metrics"]["right/accuracy"]
    about["chance"] = 0.5
    (note,) = notes(single_task(result.study))
    assert "right on t (3 of 3 seeds)" in note
    assert "left" not in note


def test_without_single_task_runs_there_are_no_scores(tmp_path):
    result = with_single_task(tmp_path, single_task=False)
    assert not any("delta_m" in column for column in result.tasks["t"])
    assert sentence(result.single_task, "t") == ""
    assert "Δm" not in markdown(overall_table(result))
