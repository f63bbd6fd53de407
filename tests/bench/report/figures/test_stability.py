"""The picture of stability: panels, rows, sentences, arrows."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from figure_reader import row_names, words
from invented import write_study
from restless_study import write_restless

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import stability as stability_figure
from lossbench.bench.report.figures.conflict import conflict as conflict_figure
from lossbench.bench.report.read import read


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return read(write_restless(tmp_path_factory.mktemp("restless")))


def test_the_figure_has_a_panel_per_number_and_the_restless_last(study):
    figure = stability_figure.stability(compare(study), "two_digits")
    said = words(figure)
    assert {"Failed runs, %", "SD over seeds", "Spikes per run"} <= {*said}
    rows = row_names(figure.axes[0])
    assert set(rows[-2:]) == {"mgda", "subtraction"}
    assert figure.axes[0].get_xlim()[1] >= 100, "mgda always failed"


def test_what_is_zero_for_all_is_a_sentence(tmp_path):
    study = read(write_study(tmp_path, seeds=4, series=False, stability={}))
    figure = stability_figure.stability(compare(study), "two_digits")
    said = words(figure)
    assert "no run failed; no run had a spike" in said[0]
    assert not {"Failed runs, %", "Spikes per run"} & {*said}
    assert conflict_figure(compare(study), "two_digits") is None, "there are no series"


def test_a_value_far_off_becomes_an_arrow(tmp_path):
    write_study(tmp_path, seeds=4, series=False, stability={})
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    runs.loc[runs["label"] == "pcgrad", "stability/late_fluctuation"] = 50.0
    runs.to_parquet(tmp_path / "runs.parquet")
    figure = stability_figure.stability(compare(read(tmp_path)), "two_digits")
    assert "5000 →" in words(figure)


def test_a_regret_far_below_the_spread_over_seeds_is_a_sentence(study):
    comparison = compare(study)
    runs = study.runs.assign(**{"stability/regret": 1e-9})
    tiny = dataclasses.replace(comparison, study=dataclasses.replace(study, runs=runs))
    assert "regret below a tenth" in words(stability_figure.stability(tiny, "two_digits"))[0]
    assert "regret" not in words(stability_figure.stability(comparison, "two_digits"))[0]
