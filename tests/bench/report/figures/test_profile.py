"""The score profile."""

from __future__ import annotations

import pytest

from lossbench.bench.report.figures import profile, style


def test_the_profile_is_the_share_of_runs_above(tuned):
    axes = profile.profile(tuned).axes[0]
    colour = style.highlights(tuned)["mgda"].colour
    (line,) = (line for line in axes.lines if line.get_color() == colour)
    runs = tuned.study.runs.query("label == 'mgda'")
    scores = runs["normalized_score"].where(runs["status"] == "ok", 0)
    assert line.get_ydata()[80] == pytest.approx((scores > profile.GRID[80]).mean())
    assert line.get_ydata()[0] == pytest.approx(30 / 32)  # two runs failed
