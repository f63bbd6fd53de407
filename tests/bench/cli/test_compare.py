"""`lossbench compare A B`: what it prints, and when it fails."""

import argparse

import numpy as np
import pytest
from two_folders import BASE, cell, change_file, change_runs, two, values

from lossbench.bench.cli import compare
from lossbench.bench.report.analysis.folders import compare_folders
from lossbench.bench.report.read.folder import StudyError


def execute(a, b, *arguments):
    parser = argparse.ArgumentParser()
    compare.options(parser)
    return compare.execute(parser.parse_args([str(a), str(b), *arguments]))


def files(*directories):
    return {p: p.read_bytes() for d in directories for p in d.rglob("*") if p.is_file()}


def test_the_same_study_twice_is_identical_and_passes(tmp_path, capsys):
    a, b = two(tmp_path)
    before = files(a, b)
    assert execute(a, b, "--fail-if-worse", "0%") == 0
    assert files(a, b) == before, "it writes nothing"
    shown = capsys.readouterr().out
    assert "2 cells compared. identical: 2; new failures: 0" in shown
    assert "the same random numbers were used" in shown
    assert "environment" not in shown
    found = compare_folders(a, b)
    assert (found.table[["difference", "low", "high", "relative"]] == 0).all(axis=None)
    assert (found.table["time_ratio"] == 1).all()
    assert found.only_a == found.only_b == found.environment == found.notes == ()


@pytest.mark.parametrize(("limit", "code"), [("5%", 1), ("5 %", 1), ("20%", 0), ("12.5%", 0)])
def test_fail_if_worse_by_more_than(tmp_path, capsys, limit, code):
    after = np.array(BASE) * 0.9 + [0.001, -0.001, 0.002, -0.002, 0.001, -0.001]
    a, b = two(tmp_path, values("sum", BASE), values("sum", after))
    assert execute(a, b) == 0, "only asked for it fails"
    assert execute(a, b, "--fail-if-worse", limit) == code
    shown = capsys.readouterr().out
    assert ("FAIL  sum on two_digits" in shown) == bool(code)
    assert ("ok    nothing is surely worse" in shown) != bool(code)
    assert execute(b, a, "--fail-if-worse", limit) == 0, "better is no failure"


def test_noise_does_not_fail_however_large(tmp_path):
    noisy = np.array(BASE) - [0.5, -0.2, 0.4, -0.1, 0.3, -0.25]
    a, b = two(tmp_path, values("sum", BASE), values("sum", noisy))
    assert cell(compare_folders(a, b), "sum")["relative"] < -10
    assert execute(a, b, "--fail-if-worse", "5%") == 0


def test_many_cells_are_corrected_for(tmp_path):
    # Taken alone the change of `sum` passes; among the 20 cells of the study it does not.
    others = tuple(f"s{i}" for i in range(19))
    after = np.array(BASE) - 0.1 + [0.1, -0.08, 0.09, -0.07, 0.05, -0.06]
    small = np.add(BASE, [0.01, -0.01, 0.01, -0.01, 0.01, -0.011])
    a, b = two(
        tmp_path,
        {"values": {(label, "two_digits"): BASE for label in ("sum", *others)}},
        {
            "values": {("sum", "two_digits"): after}
            | {(label, "two_digits"): small for label in others}
        },
        strategies=("sum", *others),
    )
    row = cell(compare_folders(a, b), "sum")
    assert row["p"] < 0.05 < row["p_holm"]
    assert row["verdict"] == "worse, uncorrected"
    assert execute(a, b, "--fail-if-worse", "5%") == 0


def test_new_failures_are_named_first_and_fail(tmp_path, capsys):
    a, b = two(tmp_path, b={"diverged": {("pcgrad", "two_digits"): 2}})
    found = compare_folders(a, b)
    row = found.table.iloc[0]
    assert found.table.index[0][1] == "pcgrad"
    assert (row["changed"], row["new_failures"], row["pairs"]) == ("2 ok -> diverged", 2, 4)
    assert execute(a, b, "--fail-if-worse", "99%") == 1
    assert "(2 new failures)" in capsys.readouterr().out
    healed = compare_folders(b, a).table
    assert healed["new_failures"].sum() == 0
    assert "2 diverged -> ok" in set(healed["changed"])
    assert execute(b, a, "--fail-if-worse", "0%") == 0


def test_a_cell_without_any_pair_has_no_numbers(tmp_path, capsys):
    a, b = two(tmp_path, b={"crashed": (("sum", "two_digits"),)})
    row = cell(compare_folders(a, b), "sum")
    assert (row["verdict"], row["pairs"], row["new_failures"]) == ("no pairs", 0, 6)
    assert row[["difference", "relative", "p", "time_ratio"]].isna().all()
    assert execute(a, b) == 0
    assert "no pairs" in capsys.readouterr().out


def test_a_mean_near_zero_is_measured_by_the_spread_over_seeds(tmp_path, capsys):
    near = np.array([-0.2, 0.1, 0.3, -0.1, 0.05, -0.1])
    a, b = two(tmp_path, values("sum", near), values("sum", near - 0.3))
    row = cell(compare_folders(a, b), "sum")
    assert row["scale"] == "SD"
    assert row["relative"] == pytest.approx(-100 * 0.3 / near.std(ddof=1))
    assert execute(a, b, "--fail-if-worse", "5%") == 1
    assert "% SD" in capsys.readouterr().out


def test_a_change_of_what_was_always_zero_is_infinite(tmp_path):
    a, b = two(tmp_path, values("sum", [0.0] * 6), values("sum", [-0.1] * 6))
    row = cell(compare_folders(a, b), "sum")
    assert (row["relative"], row["verdict"]) == (-np.inf, "worse")
    assert execute(a, b, "--fail-if-worse", "5%") == 1


def test_cells_and_seeds_of_one_folder_only_are_named(tmp_path, capsys):
    a, b = two(
        tmp_path,
        {"strategies": ("sum", "mean", "pcgrad")},
        {"strategies": ("sum", "mgda"), "seeds": 4},
    )
    found = compare_folders(a, b)
    assert found.only_a == (
        "mean on two_digits, cpu, XLA off, float32",
        "pcgrad on two_digits, cpu, XLA off, float32",
    )
    assert found.only_b == ("mgda on two_digits, cpu, XLA off, float32",)
    assert cell(found, "sum")["unpaired"] == "2 seeds only in A"
    assert execute(a, b, "--fail-if-worse", "99%") == 0
    shown = capsys.readouterr().out
    assert "only in A: 2 cells: mean on two_digits" in shown
    assert "only in B: 1 cell: mgda on two_digits" in shown


def test_what_is_not_the_same_beside_the_metric_is_said(tmp_path, capsys):
    a, b = two(tmp_path)
    change_file(b / "env.json", lambda env: env.update(tensorflow="2.22.0", gpu="one"))
    change_runs(
        b,
        lambda t: t.assign(
            pairing="other", step_time_us=2 * t["step_time_us"], learning_rate=0.1, steps=7
        ),
    )
    found = compare_folders(a, b)
    assert found.environment == ("tensorflow: 2.21.0 -> 2.22.0", "gpu: not recorded -> one")
    assert set(found.table["numbers"]) == {"other"}
    assert set(found.table["conditions"]) == {"steps, learning_rate"}
    assert found.table["time_ratio"].tolist() == pytest.approx([2, 2])
    assert execute(a, b) == 0
    shown = capsys.readouterr().out
    assert "other in 2" in shown
    assert "environment: tensorflow: 2.21.0 -> 2.22.0" in shown
    assert "median 2.00" in shown
    change_runs(b, lambda table: table.assign(pairing=None))
    (b / "env.json").unlink()
    found = compare_folders(a, b)
    assert set(found.table["numbers"]) == {"not known"}
    assert found.environment == ("B without env.json: where that ran is not known",)


def test_bad_folders_are_refused_in_one_line(tmp_path):
    a, b = two(tmp_path)
    with pytest.raises(StudyError, match=r"none is no folder"):
        execute(a, tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match=r"empty has no plan\.json"):
        execute(tmp_path / "empty", b)
    change_runs(b, lambda t: t.drop(columns=["status", "seed"]))
    with pytest.raises(StudyError, match=r"lacks the columns seed, status"):
        execute(a, b)
    (b / "runs.parquet").unlink()
    with pytest.raises(StudyError, match=r"has no runs\.parquet"):
        execute(a, b)
    change_file(b / "plan.json", lambda plan: plan.update(schema=99))
    with pytest.raises(StudyError, match=r"another version of lossbench \(schema 99; .* --out"):
        execute(a, b)


def test_unknown_columns_are_named_and_the_rest_is_compared(tmp_path, capsys):
    a, b = two(tmp_path)
    change_runs(b, lambda table: table.assign(colour="red"))
    assert execute(a, b) == 0
    shown = capsys.readouterr().out
    assert "note: B: Unknown columns of runs.parquet are ignored: colour." in shown
    assert "2 cells compared" in shown


@pytest.mark.parametrize(("text", "value"), [("5%", 5), ("5 %", 5), (" 2.5 % ", 2.5), ("0%", 0)])
def test_percentages(text, value):
    assert compare.percent(text) == value


@pytest.mark.parametrize("text", ["5", "-5%", "five %", "nan%", "inf%", "%", "1e2%", "5%%", ""])
def test_other_text_is_no_percentage(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected a percentage"):
        compare.percent(text)
