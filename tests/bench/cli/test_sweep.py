"""`lossbench sweep`: one axis moved, tables and figures of how the ranking moves with it."""

from __future__ import annotations

import pandas as pd
import pytest

from lossbench.bench.cli.main import main

QUICK = ("--tune", "0", "--no-timing", "--no-single-task", "--no-static-weights", "--jobs", "1")


def sweep(out, *arguments):
    return main(["sweep", *arguments, "--strategies", "sum,normalized", *QUICK, "--out", str(out)])


def test_scores_and_ranking_along_the_steps(tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ("--axis", "steps", "--values", "5,40", "--tasks", "units", "--seeds", "2")
    assert sweep(out, *arguments) == 0
    table = pd.read_csv(out / "units-steps.csv")
    assert table["value"].tolist() == [5, 5, 40, 40]
    assert set(table["label"]) == {"sum", "normalized"}
    assert sorted(table["rank"].tolist()) == [1, 1, 2, 2]
    tau = table.set_index(["value", "label"])["tau"]
    assert tau.loc[5].isna().all()
    assert set(tau.loc[40]) <= {1.0, -1.0}
    for ending in ("md", "png", "svg"):
        assert (out / f"units-steps.{ending}").stat().st_size > 100
    runs = pd.read_parquet(out / "units-steps-40" / "runs.parquet")
    assert set(runs["steps"]) == {40}
    shown = capsys.readouterr().out
    assert "Kendall's tau" in shown
    assert sweep(out, *arguments) == 0
    assert "2 there already, 0 to run" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--axis stesp --tasks units", "did you mean steps"),
        ("--axis losses --tasks smooth", "smooth has no axis losses"),
        ("--axis losses --tasks units --values 2,9", "units has 3 losses, and no 9"),
        ("--axis scale --head nobody --tasks units", "units has no loss 'nobody'"),
        ("--axis steps --head area --tasks units", "--head goes with --axis scale"),
        ("--axis optimizer --tasks units", "units has no learning rate for sgd"),
        ("--axis width --tasks units --values 0,1", "width is a number above 0"),
        ("--axis width --tasks units[sgd] --values 1,2", "units has no learning rate for sgd"),
        ("--axis depth --tasks two_digits[sgd]", "is varied already"),
        ("--axis steps --tasks units --values 7", "a sweep needs two values or more"),
        ("--axis steps --tasks units --values a,b", "expected a whole number"),
        ("--axis steps --tasks all", "takes tasks by name"),
        ("--axis depth --tasks quadratics", "its model has no hidden"),
    ],
)
def test_what_a_task_does_not_have_is_one_line_and_nothing_runs(
    tmp_path, capsys, arguments, message
):
    assert sweep(tmp_path / "out", *arguments.split(), "--seeds", "2") == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert message in line
    assert not list(tmp_path.rglob("*.parquet"))
