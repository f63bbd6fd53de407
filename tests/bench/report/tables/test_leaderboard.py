"""The leaderboard as a table, and its caption."""

from __future__ import annotations

import pytest
from invented import ERROR, TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page import answer
from lossbench.bench.report.read import read
from lossbench.bench.report.tables import leaderboard


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, series=False, **options)))


@pytest.mark.parametrize("number", [2, 6])
def test_mean_ranks_stand_in_the_leaderboard_from_six_tasks_on(tmp_path, number):
    tasks = {f"t{i}": TWO_HEADS for i in range(number)}
    result = comparison(tmp_path, tasks=tasks, strategies=("sum", "a", "b"), single_task=True)
    table = leaderboard.leaderboard_table(result)
    assert ("Mean rank" in table.columns) == (number >= 6)
    assert any("too few tasks for a rank test" in note for note in result.notes) == (number < 6)
    words = leaderboard.LEADERBOARD.words(result, {})
    assert ("apart are no difference (Nemenyi" in words) == (number >= 6)
    assert ("No mean ranks: too few tasks" in words) == (number < 6)
    scores = [row[1].sort for row in table.rows]
    assert scores == sorted(scores, reverse=True)


def test_without_single_task_runs_there_is_no_leaderboard(tmp_path):
    result = comparison(tmp_path, tasks={"t": ERROR})
    assert result.leaderboard is None
    assert leaderboard.leaderboard_table(result) is None
    assert answer.answer(result).overall == []
