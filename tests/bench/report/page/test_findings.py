"""What is said of strategies in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from invented import TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page import answer
from lossbench.bench.report.read import read


def test_a_gain_at_the_expense_of_another_metric_is_said(tmp_path):
    base = np.linspace(0.8, 0.89, 10)
    write_study(
        tmp_path,
        strategies=("sum", "greedy"),
        tasks={"t": TWO_HEADS},
        values={("sum", "t"): list(base), ("greedy", "t"): list(base + 0.02)},
    )
    runs = pd.read_parquet(tmp_path / "runs.parquet").sort_values(["label", "seed"])
    drop = np.linspace(0.029, 0.031, 10)
    runs["metric/right/accuracy/test"] = np.concatenate([base - drop, base])
    runs.to_parquet(tmp_path / "runs.parquet")
    result = compare(read(tmp_path))
    assert result.tasks["t"].loc["greedy", "right/accuracy difference"] == pytest.approx(-0.03)
    better = answer.answer(result).tasks[0].findings[1]
    assert better.lead == "Better than sum"
    assert better.items == [
        "greedy +0.020 [+0.020, +0.020], at the expense of right/accuracy -0.030 [-0.030, -0.030]"
    ]


def test_a_difference_over_all_heads_alone_is_found(tmp_path):
    folder = write_study(
        tmp_path,
        series=False,
        strategies=("sum", "a"),
        tasks={"t": TWO_HEADS},
        single_task=True,
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
    assert row["delta_m p_adjusted"] == 2 / 2**10
    assert 4 < row["delta_m low"] < 5 < row["delta_m high"] < 6
    findings = list(map(str, answer.answer(result).tasks[0].findings))
    assert any(
        f.startswith("Better than sum over all heads (Δm, %)") and "a +5.0" in f for f in findings
    )


@pytest.mark.parametrize("seeds", [8, 20])
def test_two_tasks_are_judged_by_their_mean(tmp_path, seeds):
    base = list(np.linspace(0.80, 0.85, seeds))
    tasks = {f"t{i}": TWO_HEADS for i in range(2)}
    values = {("sum", t): base for t in tasks} | {("a", t): base for t in tasks}
    options = {"strategies": ("sum", "a"), "tasks": tasks, "seeds": seeds, "single_task": True}
    folder = write_study(tmp_path, series=False, values=values, **options)
    runs = pd.read_parquet(folder / "runs.parquet")
    score = 0.9 + 0.001 * runs["seed"] + runs["label"].map({"a": 0.05}).fillna(0)
    runs.assign(normalized_score=score).to_parquet(folder / "runs.parquet")
    result = compare(read(folder))
    table = result.leaderboard.differences
    assert table.loc["a", "difference"] == pytest.approx(0.05)
    assert table.loc["a", "verdict"] == "better"
    words = str(answer.answer(result).overall[0])
    assert words.startswith("Better than sum over all tasks: a +5.0 points [")
