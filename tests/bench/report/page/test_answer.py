"""The first screen: who beats the baseline, who equals it, who can't be told from it."""

from __future__ import annotations

import re
import time

import numpy as np
import pandas as pd
import pytest
from study_fixture import ERROR, TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page import answer
from lossbench.bench.report.read.study import read
from lossbench.bench.report.tables import leaderboard


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, series=False, **options)))


def planted(tmp_path, seeds=10, **shifts):
    """One task; each strategy is `sum` plus a shift on every seed, and noise unless it is 0."""
    rng = np.random.default_rng(5)
    base = 0.8 + rng.normal(0, 0.01, seeds)
    values = {("sum", "t"): list(base)}
    for name, shift in shifts.items():
        noise = rng.normal(0, abs(shift) / 20, seeds)
        values[name, "t"] = list(base + shift + noise)
    names = ("sum", *shifts)
    tasks = {"t": TWO_HEADS}
    return comparison(tmp_path, strategies=names, tasks=tasks, values=values, seeds=seeds)


def test_the_headline_names_who_beats_whom_by_how_much(tmp_path):
    words = answer.answer(planted(tmp_path, good=0.03, bad=-0.05, copy=0.0)).headline
    assert re.match(
        r"On 1 task with 10 seeds: good beats sum on t by 0\.0(29|30|31) \[\+0\.0", words
    )
    assert re.search(r"bad does worse than sum on t by 0\.05\d \[-0\.05\d, -0\.0\d+\]", words)
    assert "copy is equivalent to sum" in words


def test_a_copy_is_equivalent_at_any_number_of_seeds(tmp_path):
    for seeds in (2, 5, 10):
        result = planted(tmp_path / str(seeds), seeds=seeds, copy=0.0)
        assert result.tasks["t"].loc["copy", "verdict"] == "equivalent"
        findings = list(map(str, answer.answer(result).tasks[0].findings))
        assert "Equivalent to sum, the same value on every seed: copy." in findings
        assert "copy is equivalent to sum" in answer.answer(result).headline


def test_a_narrow_interval_is_equivalent_a_wide_one_is_not(tmp_path):
    base = 0.8 + np.random.default_rng(5).normal(0, 0.02, 12)
    signs = np.tile([1.0, -1.0], 6)
    values = {
        ("sum", "t"): list(base),
        ("near", "t"): list(base + 0.002 * signs),  # 1 % of what sum learned is 0.007
        ("wide", "t"): list(base + 0.05 * signs),
    }
    tasks = {"t": TWO_HEADS}
    options = {"strategies": ("sum", "near", "wide"), "tasks": tasks, "seeds": 12}
    result = comparison(tmp_path, values=values, **options)
    table = result.tasks["t"]
    assert result.margin("t") == pytest.approx(0.01 * (base.mean() - 0.1))
    assert table["verdict"].tolist() == ["baseline", "equivalent", "no difference shown"]
    words = answer.answer(result).headline
    assert "near is equivalent to sum; no difference could be shown for wide" in words


def test_a_copy_that_fails_more_often_is_not_equivalent(tmp_path):
    same = [0.8 + i / 1000 for i in range(10)]
    result = comparison(
        tmp_path,
        strategies=("sum", "frail"),
        tasks={"t": TWO_HEADS},
        values={("sum", "t"): same, ("frail", "t"): same[2:]},
        diverged={("frail", "t"): 2},
    )
    assert result.tasks["t"].loc["frail", "difference"] == pytest.approx(0)
    assert result.tasks["t"].loc["frail", "verdict"] == "no difference shown"


def test_five_seeds_are_too_few_and_the_words_say_so(tmp_path):
    words = answer.answer(planted(tmp_path, seeds=5, good=0.03)).headline
    assert "5 seeds are too few to tell any strategy from sum" in words


def test_a_difference_over_all_heads_alone_is_found(tmp_path):
    folder = write_study(
        tmp_path,
        series=False,
        strategies=("sum", "a"),
        tasks={"t": TWO_HEADS},
        references=True,
        values={("sum", "t"): [0.8] * 10, ("a", "t"): [0.8] * 10},
    )
    runs = pd.read_parquet(folder / "runs.parquet")
    gain = pd.Series(np.linspace(4, 6, 10), range(10))
    runs.loc[runs["label"] == "sum", "delta_m"] = 1.0
    mine = runs["label"] == "a"
    runs.loc[mine, "delta_m"] = 1.0 + runs.loc[mine, "seed"].map(gain)
    runs.to_parquet(folder / "runs.parquet")
    result = compare(read(folder))
    row = result.tasks["t"].loc["a"]
    assert row["verdict"] == "equivalent"
    assert row["delta_m difference"] == pytest.approx(5)
    assert row["delta_m p_holm"] == 2 / 2**10
    assert 4 < row["delta_m low"] < 5 < row["delta_m high"] < 6
    findings = list(map(str, answer.answer(result).tasks[0].findings))
    assert any(
        f.startswith("Better than sum over all heads (Δm, %)") and "a +5.0" in f for f in findings
    )


@pytest.mark.parametrize("number", [2, 6])
def test_mean_ranks_stand_in_the_leaderboard_from_six_tasks_on(tmp_path, number):
    tasks = {f"t{i}": TWO_HEADS for i in range(number)}
    result = comparison(tmp_path, tasks=tasks, strategies=("sum", "a", "b"), references=True)
    table = leaderboard.leaderboard_table(result)
    assert ("Mean rank" in table.columns) == (number >= 6)
    assert any("too few tasks for a rank test" in note for note in result.notes) == (number < 6)
    words = leaderboard.LEADERBOARD.words(result, {})
    assert ("apart are no difference (Nemenyi" in words) == (number >= 6)
    assert ("No mean ranks: too few tasks" in words) == (number < 6)
    scores = [row[1].sort for row in table.rows]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("seeds", "kind"), [(8, "mean"), (20, "IQM")])
def test_few_pooled_runs_are_judged_by_the_mean(tmp_path, seeds, kind):
    base = list(np.linspace(0.80, 0.85, seeds))
    tasks = {f"t{i}": TWO_HEADS for i in range(2)}
    values = {("sum", t): base for t in tasks} | {("a", t): base for t in tasks}
    options = {"strategies": ("sum", "a"), "tasks": tasks, "seeds": seeds, "references": True}
    folder = write_study(tmp_path, series=False, values=values, **options)
    runs = pd.read_parquet(folder / "runs.parquet")
    score = 0.9 + 0.001 * runs["seed"] + runs["label"].map({"a": 0.05}).fillna(0)
    runs.assign(normalized_score=score).to_parquet(folder / "runs.parquet")
    result = compare(read(folder))
    table, of = result.leaderboard.differences, result.leaderboard.statistic
    assert of == kind
    assert table.loc["a", "difference"] == pytest.approx(0.05)
    assert table.loc["a", "verdict"] == "better"
    words = str(answer.answer(result).overall[0])
    assert words.startswith(f"Better than sum over all tasks ({kind} of the score): a +5.0 % [")


def test_without_references_there_is_no_leaderboard(tmp_path):
    result = comparison(tmp_path, tasks={"t": ERROR})
    assert result.leaderboard is None
    assert leaderboard.leaderboard_table(result) is None
    assert answer.answer(result).overall == []


def test_42_strategies_on_12_tasks_with_10_seeds_take_under_five_seconds(tmp_path):
    names = ("sum", *(f"s{i:02d}" for i in range(41)))
    tasks = {f"t{i:02d}": TWO_HEADS for i in range(12)}
    write_study(tmp_path, strategies=names, tasks=tasks, series=False, references=True)
    start = time.process_time()
    result = compare(read(tmp_path))
    assert time.process_time() - start < 5
    assert len(result.leaderboard.table) == 42
