"""Tuned beside untuned runs: which are compared, what stands beside them, what is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from study_fixture import TWO_HEADS, write_study
from tuned_fixture import write_tuned

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page import answer
from lossbench.bench.report.read.study import read
from lossbench.bench.report.tables import write
from lossbench.bench.report.tables.task import task_table

NAMES = ("sum", "a", "weighted")


def tuned(tmp_path, **options):
    given = {"strategies": NAMES, "tasks": {"t": TWO_HEADS}, "series": False}
    return write_tuned(tmp_path, **{**given, **options})


def _edit_runs(folder, change):
    runs = pd.read_parquet(folder / "runs.parquet")
    change(runs).to_parquet(folder / "runs.parquet")


def test_tuned_runs_are_compared_and_untuned_means_stand_beside_them(tmp_path):
    base = list(np.linspace(0.80, 0.89, 10))
    values = {("sum", "t"): base, ("a", "t"): base, ("weighted", "t"): base}
    result = compare(read(tuned(tmp_path, values=values, gains={("a", "t"): 0.02})))
    table = result.tasks["t"]
    assert (result.study.budget, result.untuned.study.budget) == (8, 0)
    assert table["ok"].eq(10).all()  # not the runs of both budgets
    assert table.loc["a", "left/accuracy mean"] == pytest.approx(0.865)
    assert table.loc["a", "untuned mean"] == pytest.approx(0.845)
    assert table.loc["a", "difference"] == pytest.approx(0.02)
    assert result.untuned.tasks["t"].loc["a", "difference"] == pytest.approx(0)
    assert result.overall.loc["a", "t untuned"] == pytest.approx(0.845)
    assert "| Untuned |" in write.markdown(task_table(result, "t"))


def test_what_tuning_changed_is_told(tmp_path):
    base = list(np.linspace(0.80, 0.89, 10))
    values = {("sum", "t"): base, ("a", "t"): base, ("weighted", "t"): base}
    result = compare(read(tuned(tmp_path, values=values, gains={("a", "t"): 0.02})))
    assert result.tuning_effect.to_numpy().tolist() == [["a", "t", "equivalent", "better"]]
    words = answer.answer(result).tuning
    assert "changed 1 of 2 verdicts: a on t (equivalent → better)" in words
    assert "0 pairs of strategy and task before, 1 after" in words


def test_tuned_static_weights_are_a_second_baseline(tmp_path):
    rng = np.random.default_rng(0)
    base = 0.8 + rng.normal(0, 0.01, 10)
    values = {
        ("sum", "t"): list(base),
        ("a", "t"): list(base + 0.03),
        ("weighted", "t"): list(base + 0.01),
    }
    result = compare(read(tuned(tmp_path, values=values)))
    table = result.tasks["t"]
    assert result.second == "weighted"
    a = table.loc["a"]
    assert a["weighted difference"] == pytest.approx(0.02)
    assert a["weighted p"] == 2 / 2**10
    assert a["weighted p_holm"] == 4 / 2**10  # a and sum are held against it
    assert np.isnan(table.loc["weighted", "weighted difference"])
    findings = list(map(str, answer.answer(result).tasks[0].findings))
    assert any(
        text.startswith("Better than tuned static weights (weighted): a") for text in findings
    )
    assert "Difference to weighted" in task_table(result, "t").columns


def test_untuned_studies_have_neither(tmp_path):
    folder = write_study(tmp_path, strategies=NAMES, tasks={"t": TWO_HEADS}, series=False)
    result = compare(read(folder))
    assert (result.second, result.untuned, result.study.budget) == (None, None, 0)
    assert not any("untuned" in column for column in result.tasks["t"])
    assert answer.answer(result).tuning == ""
    assert any("Nothing was tuned" in text for text in answer.answer(result).limits)


def test_without_untuned_runs_the_gap_is_said(tmp_path):
    study = read(tuned(tmp_path, only_tuned=True))
    assert (study.budget, study.untuned) == (8, None)
    assert any("No untuned runs are there" in note for note in study.notes)
    assert not any("Nothing was tuned" in text for text in answer.answer(compare(study)).limits)


def test_unequal_budgets_are_named_and_untuned_runs_are_no_substitute(tmp_path):
    folder = tuned(tmp_path)

    def change(runs):
        longer = (runs["label"] == "a") & (runs["budget"] == 8)
        lost = (runs["label"] == "weighted") & (runs["budget"] == 8)
        return runs.assign(budget=runs["budget"].mask(longer, 32))[~lost]

    _edit_runs(folder, change)
    result = compare(read(folder))
    assert any("Unequal budgets: a on t (32)" in note for note in result.notes)
    assert any(
        "1 of 3 cells have not run in a tuned configuration: weighted" in n for n in result.notes
    )
    table = result.tasks["t"]
    assert (table.loc["a", "ok"], table.loc["weighted", "verdict"]) == (10, "not run")
    assert np.isfinite(table.loc["weighted", "untuned mean"])


# ---- odd folders


def test_without_tuned_runs_of_sum_another_baseline_is_named(tmp_path):
    folder = tuned(tmp_path)
    _edit_runs(folder, lambda runs: runs[(runs["label"] != "sum") | (runs["budget"] == 0)])
    result = compare(read(folder))
    assert result.baseline == "a"
    assert any(
        "sum was not run with tuned settings: differences are to a" in n for n in result.notes
    )


def test_a_curve_without_values_is_no_curve(tmp_path):
    folder = tuned(tmp_path)
    column = "metric/right/accuracy/test"
    _edit_runs(folder, lambda runs: runs.assign(**{column: np.nan}))
    result = compare(read(folder))
    assert result.static_weights == {}
    assert result.tasks["t"]["ok"].eq(10).all()
