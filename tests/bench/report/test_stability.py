"""The report's numbers and pictures of stability, from tables whose content is known."""

from __future__ import annotations

import copy
import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from stability_fixture import MOMENTS, with_stability
from study_fixture import ERROR, STRATEGIES, TWO_HEADS, write_study

from lossbench.bench.report.analysis import conflict, stability
from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import stability as stability_figure
from lossbench.bench.report.figures.conflict import conflict as conflict_figure
from lossbench.bench.report.read.study import read
from lossbench.bench.report.tables.stability import stability_table

THREE = {
    **copy.deepcopy(TWO_HEADS),
    "heads": [{"name": name, "kind": "task", "weight": 1.0} for name in ("left", "right", "third")],
}
TASKS = {"two_digits": TWO_HEADS, "autoencode": ERROR, "three": THREE}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Subtraction spikes, and 4 of its 10 seeds fail on two_digits."""
    folder = tmp_path_factory.mktemp("stability")
    diverged = {("subtraction", "two_digits"): 4}
    write_study(folder, tasks=TASKS, diverged=diverged, crashed=(("mgda", "two_digits"),))
    return read(with_stability(folder, restless={"subtraction": 6.0}))


def runs_of(study, label, task="two_digits"):
    runs = study.outcomes(task)
    return runs[runs["label"] == label]


def test_failures_have_a_rate_an_interval_and_a_first_bad_step(study):
    table = stability.summary(study, "two_digits")
    row = table.loc["subtraction"]
    assert (row["runs"], row["failures"], row["failure_rate"]) == (10, 4, 0.4)
    # Newcombe 1998, Wilson's score interval of 4 of 10
    assert (row["failure_low"], row["failure_high"]) == pytest.approx((0.168, 0.687), abs=1e-3)
    assert (row["first_bad_step"], row["median_bad_step"]) == (37, 38.5)
    assert np.isnan(table.loc["sum", "first_bad_step"])
    assert table.loc["sum", "failure_low"] == 0


def test_spread_over_seeds_is_of_those_that_finished(study):
    table = stability.summary(study, "two_digits")
    for label in ("sum", "subtraction"):
        rows = runs_of(study, label)
        values = rows.loc[rows["status"] == "ok", "primary_metric"].to_numpy()
        row = table.loc[label]
        assert row["sd"] == pytest.approx(values.std(ddof=1))
        assert row["iqr"] == pytest.approx(np.subtract(*np.quantile(values, [0.75, 0.25])))
        assert row["sd_low"] < row["sd"] < row["sd_high"]
    # chi-square quantiles of 9 degrees of freedom: 19.023 and 2.700
    row = table.loc["sum"]
    assert row["sd_low"] == pytest.approx(row["sd"] * np.sqrt(9 / 19.023), rel=1e-3)
    assert row["sd_high"] == pytest.approx(row["sd"] * np.sqrt(9 / 2.700), rel=1e-3)
    assert np.isnan(table.loc["mgda", ["sd", "iqr", "cvar"]].astype(float)).all(), "none finished"


def test_cvar_is_oriented_by_the_metric(study):
    row = stability.summary(study, "autoencode").loc["sum"]
    assert row["cvar"] > runs_of(study, "sum", "autoencode")["primary_metric"].mean()


def test_measures_are_means_or_medians_over_seeds(study):
    row = stability.summary(study, "two_digits").loc["subtraction"]
    rows = runs_of(study, "subtraction")
    assert row["spikes"] == pytest.approx(rows["stability/spikes"].mean())
    assert row["norm_tail"] == pytest.approx(rows["stability/norm_tail"].median())
    assert row["regret q3"] == pytest.approx(rows["stability/regret"].quantile(0.75))


def test_the_table_says_what_the_summary_holds(study):
    table = stability_table(compare(study), "two_digits")
    by_label = {row[0].text: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert list(by_label) == list(STRATEGIES)
    restless = by_label["subtraction"]
    assert restless["Failed"].text == "4 of 10"
    assert restless["Failed"].detail == "17 % to 69 %"
    assert restless["Failed"].tone == "failed"
    assert (restless["First bad step"].text, restless["First bad step"].detail) == (
        "37",
        "median 38",
    )
    assert restless["Spikes"].sort > by_label["sum"]["Spikes"].sort == 0
    assert by_label["sum"]["Worst spike, times the median"].text == "-"
    assert by_label["mgda"]["Regret"].text == "-"


def test_one_loss_has_no_columns_of_conflict(study):
    columns = stability_table(compare(study), "autoencode").columns
    assert "Spikes" in columns
    assert not {"Conflict", "Mean cosine", "Largest / smallest loss gradient"} & {*columns}
    assert "autoencode" not in compare(study).cosines
    assert conflict_figure(compare(study), "autoencode") is None


def test_an_older_folder_has_none_of_it(tmp_path):
    comparison = compare(read(write_study(tmp_path, seeds=3)))
    for function in (stability_table, stability_figure.stability, conflict_figure):
        assert function(comparison, "two_digits") is None
    assert stability.summary(comparison.study, "two_digits") is None


def test_cosines_end_where_a_seed_failed(study):
    data = compare(study).cosines["two_digits"]
    assert set(data["pair"]) == {"left / right"}
    of_sum = data[data["label"] == "sum"]
    assert len(of_sum) == 10 * MOMENTS
    failed = data[(data["label"] == "subtraction") & (data["seed"] < 4)]
    assert failed["step"].max() <= 40
    assert set(failed["step"]) == {0}, "the later moments are after the first bad step"


def test_conflict_is_summarised_by_pair(study):
    data = compare(study).cosines["three"]
    table = conflict.summary(data)
    assert list(table.loc["sum"].index) == ["left / right", "left / third", "right / third"]
    own = data[(data["label"] == "sum") & (data["pair"] == "left / third")]
    row = table.loc[("sum", "left / third")]
    assert row["mean_cosine"] == pytest.approx(own["cosine"].mean())
    assert row["conflict_rate"] == pytest.approx((own["cosine"] < 0).mean())
    first = own[own["step"] <= 0.2 * data["step"].max()]
    assert row["start"] == pytest.approx(first["cosine"].mean())


def words(figure: Figure) -> list[str]:
    """All that a figure says."""
    figure.canvas.draw()
    texts = [figure.get_suptitle()]
    for axes in figure.axes:
        texts += [axes.get_title(loc="left"), axes.get_title(), axes.get_xlabel()]
        texts += [text.get_text() for text in axes.texts]
        texts += [label.get_text() for label in axes.get_yticklabels()]
    return texts


def test_the_figure_has_a_panel_per_number_and_the_restless_last(study):
    figure = stability_figure.stability(compare(study), "two_digits")
    said = words(figure)
    assert {"Failed runs, %", "SD over seeds", "Spikes per run"} <= {*said}
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert set(rows[-2:]) == {"mgda", "subtraction"}
    assert figure.axes[0].get_xlim()[1] >= 100, "mgda always failed"


def test_what_is_zero_for_all_is_a_sentence(tmp_path):
    write_study(tmp_path, seeds=4, series=False)
    study = read(with_stability(tmp_path))
    figure = stability_figure.stability(compare(study), "two_digits")
    said = words(figure)
    assert "no run failed; no run had a spike" in said[0]
    assert not {"Failed runs, %", "Spikes per run"} & {*said}
    assert conflict_figure(compare(study), "two_digits") is None, "there are no series"


def test_a_value_far_off_becomes_an_arrow(tmp_path):
    write_study(tmp_path, seeds=4, series=False)
    with_stability(tmp_path)
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    runs.loc[runs["label"] == "pcgrad", "stability/late_fluctuation"] = 50.0
    runs.to_parquet(tmp_path / "runs.parquet")
    figure = stability_figure.stability(compare(read(tmp_path)), "two_digits")
    assert "5000 →" in words(figure)


def test_the_heat_map_has_a_panel_per_pair_and_the_rate_of_each_row(study):
    comparison = compare(study)
    said = words(conflict_figure(comparison, "three"))
    assert {"left / right", "left / third", "right / third"} <= {*said}
    figure = conflict_figure(comparison, "two_digits")
    rate = comparison.conflict["two_digits"].loc[("sum", "left / right"), "conflict_rate"]
    assert f"{100 * rate:.0f} %" in words(figure)
    (image,) = figure.axes[0].images
    assert image.get_clim()[0] == -image.get_clim()[1], "0 is the middle of the colours"
    shown = image.get_array()
    means = compare(study).cosines["two_digits"].groupby("label")["cosine"].mean()
    order = [label for label in means.sort_values().index if label in STRATEGIES]
    assert shown.shape == (len(order), MOMENTS)
    assert np.nanmean(shown[0]) == pytest.approx(means[order[0]], abs=0.05)


def test_with_several_pairs_the_strategies_that_differ_from_the_baseline_are_drawn(tmp_path):
    names = ("sum", *(f"strategy_{i}" for i in range(9)), "dead")
    write_study(
        tmp_path, strategies=names, tasks={"three": THREE}, seeds=3, diverged={("dead", "three"): 3}
    )
    comparison = compare(read(with_stability(tmp_path)))
    figure = conflict_figure(comparison, "three")
    figure.canvas.draw()
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    table = comparison.conflict["three"]["mean_cosine"].unstack("pair")
    far = (table - table.loc["sum"]).abs().mean(axis=1).drop(["sum", "dead"]).nlargest(5)
    assert set(rows) == {"sum", *far.index}


def test_a_regret_far_below_the_spread_over_seeds_is_a_sentence(study):
    comparison = compare(study)
    runs = study.runs.assign(**{"stability/regret": 1e-9})
    tiny = dataclasses.replace(comparison, study=dataclasses.replace(study, runs=runs))
    assert "regret below a tenth" in words(stability_figure.stability(tiny, "two_digits"))[0]
    assert "regret" not in words(stability_figure.stability(comparison, "two_digits"))[0]


def test_moments_that_differ_between_strategies_share_a_picture(tmp_path):
    write_study(tmp_path, seeds=3, strategies=("sum", "pcgrad"))
    with_stability(tmp_path)
    cells = pd.read_parquet(tmp_path / "runs.parquet").set_index(["label", "task"])["cell"]
    path = tmp_path / "cells" / cells["pcgrad", "two_digits"].iloc[0] / "series.parquet"
    series = pd.read_parquet(path)
    half = (series["step"] // (1500 // MOMENTS)) % 2 == 1
    series.loc[half, "cosine/left/right"] = np.nan
    series.to_parquet(path)
    figure = conflict_figure(compare(read(tmp_path)), "two_digits")
    shown = np.ma.filled(figure.axes[0].images[0].get_array().astype(float), np.nan)
    assert np.isfinite(shown[:, :-1]).all(), "between two moments the earlier one holds"


def test_a_plan_without_heads_has_no_heat_map(tmp_path):
    with_stability(write_study(tmp_path, seeds=3, strategies=("sum", "mean")))
    plan = json.loads((tmp_path / "plan.json").read_text())
    plan["tasks"]["two_digits"]["heads"] = []
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    assert conflict_figure(compare(read(tmp_path)), "two_digits") is None
