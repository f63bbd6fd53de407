"""The picture of conflict: what stands in which row."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from figure_reader import words
from invented import MOMENTS, STRATEGIES, THREE_HEADS, write_study
from restless_study import write_restless

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures.conflict import conflict as conflict_figure
from lossbench.bench.report.read import read


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return read(write_restless(tmp_path_factory.mktemp("restless")))


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
        tmp_path,
        strategies=names,
        tasks={"three": THREE_HEADS},
        seeds=3,
        diverged={("dead", "three"): 3},
        stability={},
    )
    comparison = compare(read(tmp_path))
    figure = conflict_figure(comparison, "three")
    figure.canvas.draw()
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    table = comparison.conflict["three"]["mean_cosine"].unstack("pair")
    far = (table - table.loc["sum"]).abs().mean(axis=1).drop(["sum", "dead"]).nlargest(5)
    assert set(rows) == {"sum", *far.index}


def test_moments_that_differ_between_strategies_share_a_picture(tmp_path):
    write_study(tmp_path, seeds=3, strategies=("sum", "pcgrad"), stability={})
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
    write_study(tmp_path, seeds=3, strategies=("sum", "mean"), stability={})
    plan = json.loads((tmp_path / "plan.json").read_text())
    plan["tasks"]["two_digits"]["heads"] = []
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    assert conflict_figure(compare(read(tmp_path)), "two_digits") is None
