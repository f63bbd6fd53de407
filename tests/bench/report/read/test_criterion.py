"""The number by which a task is judged: the mean share over its heads."""

from __future__ import annotations

import numpy as np
import pytest
from invented import ERROR, TWO_HEADS, write_study

from lossbench.bench.plan.tasks import get
from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page.answer import answer
from lossbench.bench.report.read import criterion, read

KNOWN = {
    **TWO_HEADS,
    "metrics": {
        "left/accuracy": {"higher_is_better": True, "chance": 0.1, "perfect": 1.0},
        "right/error": {"higher_is_better": False, "chance": 0.5, "perfect": 0.0},
    },
}


def study(tmp_path, about=KNOWN, **moved):
    """`sum` and `a`, which differs from it by so much in each metric, on ten seeds."""
    folder = write_study(tmp_path, strategies=("sum", "a"), tasks={"t": about}, series=False)
    path = folder / "runs.parquet"
    import pandas as pd

    runs = pd.read_parquet(path)
    noise = np.random.default_rng(0).normal(0, 1e-3, len(runs))
    for name, value in (("left/accuracy", 0.55), ("right/error", 0.25)):
        column = f"metric/{name}/test"
        if column in runs:
            shift = np.where(runs["label"] == "a", moved.get(name.partition("/")[0], 0.0), 0.0)
            runs[column] = value + shift + noise
    runs["primary_metric"] = runs[f"metric/{about['primary']}/test"]
    runs.to_parquet(path)
    return compare(read(folder))


def test_it_is_the_mean_of_the_shares_in_percent_beside_the_worst_head(tmp_path):
    table = study(tmp_path, left=0.18, right=0.05).tasks["t"]
    assert table.loc["sum", "score mean"] == pytest.approx(50, abs=0.5)
    assert table.loc["a", "difference"] == pytest.approx((20 - 10) / 2, abs=0.5)
    assert table.loc["a", "worst head difference"] == pytest.approx(-10, abs=0.5)
    assert table.loc["a", "left/accuracy difference"] == pytest.approx(0.18, abs=0.005)


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [(0.09, 0.1, "worse"), (0.09, 0.0, "better"), (-0.09, -0.1, "better"), (0, 0, "equivalent")],
)
def test_the_verdict_is_about_it_and_not_about_the_first_head(tmp_path, left, right, verdict):
    comparison = study(tmp_path, left=left, right=right)
    assert comparison.tasks["t"].loc["a", "verdict"] == verdict
    assert comparison.margin("t") == pytest.approx(0.5, abs=0.01)


def test_the_words_are_about_it_and_name_what_it_costs(tmp_path):
    words = "\n".join(map(str, answer(study(tmp_path, left=0.18, right=0.05)).tasks[0].findings))
    assert "sum scores 50.0 %" in words
    assert "at the expense of" in words


@pytest.mark.parametrize("about", [ERROR, TWO_HEADS], ids=["one head", "levels not known"])
def test_else_it_is_the_main_metric(tmp_path, about):
    found = read(write_study(tmp_path, tasks={"t": about}, series=False))
    assert found.criterion("t") == about["primary"]
    assert criterion.SCORE not in found.metrics("t")


def test_it_judges_by_what_tuning_selects_by():
    for name in ("units", "shortcut", "autoencode"):
        task = get(name)
        about = {
            "judged": list(task.judged),
            "heads": [{"name": head.name, "kind": head.kind} for head in task.heads],
            "metrics": dict.fromkeys(f"{h.name}/{m.name}" for h in task.heads for m in h.metrics),
        }
        named = criterion.judged(about)
        assert named == list(task.judged)
        del about["judged"]
        assert criterion.judged(about) == named, "a plan that does not name them"
