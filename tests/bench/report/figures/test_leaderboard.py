"""The leaderboard as a picture."""

from __future__ import annotations

import pytest
from figure_reader import row_names

from lossbench.bench.report.figures import leaderboard


def test_the_leaderboard_picture_shows_scores_and_intervals_of_the_table(tuned):
    figure = leaderboard.leaderboard(tuned)
    row = tuned.leaderboard.table.loc["pcgrad"]
    left, right = figure.axes
    for axes, keys in (
        (left, ("low", "high")),
        (right, ("difference_low", "difference_high")),
    ):
        ends = [segment[:, 0] for segment in axes.collections[0].get_segments()]
        wanted = [100 * row[key] for key in keys]
        assert any(end.tolist() == pytest.approx(wanted) for end in ends)
    names = row_names(left)
    scores = tuned.leaderboard.table["mean"]
    assert names == list(scores.sort_values(ascending=False).index)
