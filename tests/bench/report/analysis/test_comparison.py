"""What a comparison holds and notes: tuned and untuned runs, baselines, oddities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from invented import TUNED, TWO_HEADS, Tuned, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page import answer
from lossbench.bench.report.read import read
from lossbench.bench.report.tables.markdown import markdown
from lossbench.bench.report.tables.overall import overall_table
from lossbench.bench.report.tables.task import task_table


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, series=False, **options)))


def test_without_sum_the_first_strategy_is_the_baseline_and_the_report_says_so(tmp_path):
    result = comparison(tmp_path, strategies=("pcgrad", "mgda"))
    assert result.baseline == "pcgrad"
    assert any("sum was not run" in note for note in result.notes)


def test_missing_cells_stay_visible(tmp_path):
    result = comparison(tmp_path, absent=(("mgda", "two_digits"),))
    assert result.tasks["two_digits"].loc["mgda", "verdict"] == "not run"
    assert "| mgda | not run |" in markdown(overall_table(result))
    assert any("1 of 12 cells have not run: mgda on two_digits" in n for n in result.notes)


def test_a_baseline_that_failed_everywhere_compares_with_nothing(tmp_path):
    result = comparison(tmp_path, diverged={("sum", "two_digits"): 10})
    table = result.tasks["two_digits"]
    assert set(table["verdict"]) == {"baseline", "no pairs"}
    assert any("sum has no finished run on two_digits" in note for note in result.notes)
    assert "No run of sum finished." in map(str, answer.answer(result).tasks[0].findings)


def test_few_seeds_are_said_in_words(tmp_path):
    few = comparison(tmp_path / "few", seeds=5)
    assert any("5 seeds or fewer" in note for note in few.notes)
    assert "too few seeds for a verdict" in answer.answer(few).headline


def test_outcomes_are_of_the_commonest_variant_and_times_of_each(tmp_path):
    both = (("cpu", "off"), ("cpu", "on"))
    result = comparison(tmp_path, variants=both)
    assert set(result.tasks["two_digits"]["variant"]) == {"cpu, XLA off"}
    assert result.tasks["two_digits"]["ok"].eq(10).all()  # each seed once
    assert (result.times.xs("sum", level="label").filter(like="ratio") == 1).all(axis=None)
    assert result.times.loc[("two_digits", "pcgrad"), "cpu, XLA on ratio"] > 1.5
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    fewer = (runs["xla"] == "off") & (runs["label"] != "sum")
    runs[~fewer].to_parquet(tmp_path / "runs.parquet")
    result = compare(read(tmp_path))
    assert set(result.tasks["two_digits"]["variant"]) == {"cpu, XLA on"}


NAMES = ("sum", "a", "weighted")


def tuned(tmp_path, how=TUNED, **options):
    given = {"strategies": NAMES, "tasks": {"t": TWO_HEADS}, "series": False}
    return write_study(tmp_path, tuned=how, **{**given, **options})


def _edit_runs(folder, change):
    runs = pd.read_parquet(folder / "runs.parquet")
    change(runs).to_parquet(folder / "runs.parquet")


def test_tuned_runs_are_compared_and_untuned_means_stand_beside_them(tmp_path):
    base = list(np.linspace(0.80, 0.89, 10))
    values = {("sum", "t"): base, ("a", "t"): base, ("weighted", "t"): base}
    result = compare(read(tuned(tmp_path, Tuned(gains={("a", "t"): 0.02}), values=values)))
    table = result.tasks["t"]
    assert (result.study.budget, result.untuned.study.budget) == (8, 0)
    assert table["ok"].eq(10).all()  # not the runs of both budgets
    assert table.loc["a", "left/accuracy mean"] == pytest.approx(0.865)
    assert table.loc["a", "untuned mean"] == pytest.approx(0.845)
    assert table.loc["a", "difference"] == pytest.approx(0.02)
    assert result.untuned.tasks["t"].loc["a", "difference"] == pytest.approx(0)
    assert result.overall.loc["a", "t untuned"] == pytest.approx(0.845)
    assert "| Untuned |" in markdown(task_table(result, "t"))


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
    assert a["weighted p_adjusted"] == 2 / 2**10  # a and sum are held against it, and go together
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
    study = read(tuned(tmp_path, Tuned(alone=True)))
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


def test_without_tuned_runs_of_sum_another_baseline_is_named(tmp_path):
    folder = tuned(tmp_path)
    _edit_runs(folder, lambda runs: runs[(runs["label"] != "sum") | (runs["budget"] == 0)])
    result = compare(read(folder))
    assert result.baseline == "a"
    assert any(
        "sum was not run in a tuned configuration: differences are to a" in n for n in result.notes
    )
