"""Two results folders against each other, one of them changed on purpose."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from two_folders import BASE, cell, change_file, change_runs, two, values

from lossbench.bench.report.analysis.folders import compare_folders
from lossbench.bench.report.read.folder import StudyError


def test_differences_are_paired_by_seed_with_t_interval(tmp_path):
    noise = np.array([0.01, -0.02, 0.0, 0.01, 0.03, -0.01])
    after = np.array(BASE) - 0.1 + noise
    a, b = two(tmp_path, values("sum", BASE), values("sum", after))
    row = cell(compare_folders(a, b), "sum")
    wanted = stats.ttest_1samp(noise - 0.1, 0)
    assert row["difference"] == pytest.approx(np.mean(noise - 0.1))
    assert (row["low"], row["high"]) == pytest.approx(tuple(wanted.confidence_interval()))
    assert row["p"] == pytest.approx(wanted.pvalue)
    assert row["relative"] == pytest.approx(100 * row["difference"] / np.mean(BASE))
    assert row["relative_low"] == pytest.approx(100 * row["low"] / np.mean(BASE))
    assert (row["mean_a"], row["mean_b"]) == pytest.approx((np.mean(BASE), after.mean()))
    assert (row["verdict"], row["scale"], row["pairs"]) == ("worse", "mean", 6)


def test_seeds_pair_whatever_the_order_of_the_rows(tmp_path):
    a, b = two(tmp_path)
    change_runs(b, lambda table: table.sample(frac=1, random_state=1))
    assert (compare_folders(a, b).table["verdict"] == "identical").all()


def test_positive_is_better_for_an_error_too(tmp_path):
    error = {"strategies": ("sum",), "tasks": None}
    falls = [0.04, 0.05, 0.045, 0.042, 0.048, 0.043]
    a, b = two(
        tmp_path,
        values("sum", falls, "autoencode"),
        values("sum", np.array(falls) / 2, "autoencode"),
        **error,
    )
    found = compare_folders(a, b)
    row = cell(found, "sum", "autoencode")
    assert row["relative"] == pytest.approx(50)
    assert row["verdict"] == "better"
    assert found.table.index[-1][0] == "autoencode", "the worst stands first"


def test_a_run_that_lost_its_value_is_a_new_failure(tmp_path):
    a, b = two(tmp_path)
    change_runs(
        b,
        lambda t: t.assign(
            primary_metric=t["primary_metric"].mask((t["label"] == "sum") & (t["seed"] == 3))
        ),
    )
    row = cell(compare_folders(a, b), "sum")
    assert (row["changed"], row["new_failures"], row["pairs"]) == ("1 ok -> no value", 1, 5)


def test_tuned_and_untuned_runs_are_cells_of_their_own(tmp_path):
    a, b = two(tmp_path)
    change_runs(b, lambda table: table.assign(budget=8))
    with pytest.raises(StudyError, match=r"no comparable cell in common.*tuned with 8 trials"):
        compare_folders(a, b)
    change_runs(a, lambda table: pd.concat([table, table.assign(budget=8)]))
    found = compare_folders(a, b)
    assert set(found.table.index.get_level_values("budget")) == {8}
    assert len(found.only_a) == 2


def test_precision_of_one_folder_only_does_not_hide_cells(tmp_path):
    a, b = two(tmp_path)
    change_runs(b, lambda t: pd.concat([t, t.assign(precision="bfloat16")]))
    found = compare_folders(a, b)
    assert len(found.table) == 2
    assert all("bfloat16" in name for name in found.only_b)


def test_a_task_judged_by_another_metric_is_not_compared(tmp_path):
    a, b = two(tmp_path, tasks=None)
    change_file(
        b / "plan.json", lambda p: p["tasks"]["two_digits"].update(primary="right/accuracy")
    )
    found = compare_folders(a, b)
    assert set(found.table.index.get_level_values("task")) == {"autoencode"}
    assert "two_digits is not compared: A judges it by left/accuracy" in found.notes[0]
