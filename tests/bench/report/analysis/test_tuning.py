"""What the report says of tuning: bands, edges, failures, best so far."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
from invented import ERROR, TUNED, TWO_HEADS, write_study

from lossbench.bench.report.analysis import tuning
from lossbench.bench.report.analysis.equal_compute import equal_compute
from lossbench.bench.report.read import read


def notes(study):
    return tuning.notes(study, tuning.summary(study))


def study_of(tmp_path, rows, limits=(1e-3, 1e-1)):
    """A tuned study whose trials of `sum` on `t` are (learning rate, score) pairs."""
    write_study(
        tmp_path, tuned=TUNED, strategies=("sum",), tasks={"t": TWO_HEADS}, series=False, seeds=2
    )
    rates, scores = np.array(rows, float).T
    pd.DataFrame(
        {
            "cell": "t" + hashlib.sha256(b"sumtcpuoff").hexdigest()[:16],
            "task": "t",
            "label": "sum",
            "trial": range(len(rows)),
            "status": np.where(np.isnan(scores), "diverged", "ok"),
            "score": scores,
            "learning_rate": rates,
            "chosen": scores == np.nanmax(scores) if np.isfinite(scores).any() else False,
        }
    ).to_parquet(tmp_path / "trials.parquet")
    study = read(tmp_path)
    study.plan["tasks"]["t"]["learning_rates"] = list(limits)
    return study


def test_band_gain_and_failures_of_known_trials(tmp_path):
    rows = [(0.01, 0.8), (0.02, 0.90), (0.005, 0.895), (0.05, np.nan), (0.002, 0.5)]
    row = tuning.summary(study_of(tmp_path, rows)).loc[("t", "sum")]
    assert (row["trials"], row["diverged"]) == (5, 0.2)
    assert (row["default_score"], row["best_score"]) == (0.8, 0.9)
    assert row["gain"] == pytest.approx(0.1)
    assert row["learning_rate"] == 0.02
    assert (row["band_low"], row["band_high"]) == (0.005, 0.02)  # 0.8 lies between, and outside it
    assert row["band_decades"] == pytest.approx(np.log10(4))
    assert row["edge"] == ""


@pytest.mark.parametrize(
    ("rows", "edge"),
    [
        ([(0.01, 0.5), (0.03, 0.6), (0.09, 0.7)], "high"),
        ([(0.01, 0.5), (0.03, 0.6), (0.05, 0.7)], "high"),  # nothing was tried beyond
        ([(0.01, 0.5), (0.05, 0.7), (0.07, np.nan)], ""),  # beyond it diverges: no edge
        ([(0.01, 0.5), (0.095, 0.7), (0.0999, np.nan)], "high"),  # in the outer tenth
        ([(0.01, 0.699), (0.03, 0.6), (0.09, 0.7)], ""),  # as good in the middle
        ([(0.01, 0.5), (0.03, 0.4), (0.0011, 0.7)], "low"),
        ([(0.01, 0.7), (0.03, 0.4), (0.0011, 0.5)], ""),
    ],
)
def test_the_edge_of_the_range_is_found(tmp_path, rows, edge):
    study = study_of(tmp_path, rows)
    assert tuning.summary(study).loc[("t", "sum"), "edge"] == edge
    said = any("at the edge of the range for: sum on t" in note for note in notes(study))
    assert said == bool(edge)


def test_as_many_trials_count_as_the_time_of_tuning_one_weight_buys():
    scores = {"weighted": [0.5, 0.6, 0.7, 0.8], "double": [0.1, 0.2, 0.3, 0.4]}
    scores |= {"half": [0.3, 0.3, 0.3, 0.9], "slow": [0.9] * 4, "unknown": [0.9] * 4}
    best = pd.DataFrame(scores, index=[1, 2, 3, 4])
    cost = pd.Series({"weighted": 1.0, "double": 2.0, "half": 0.5, "slow": 4.1})
    found = equal_compute(best, cost)
    assert found.drop("slow").drop("unknown").to_dict() == {
        "weighted": 0.8,
        "double": 0.2,
        "half": 0.9,
    }
    assert found[["slow", "unknown"]].isna().all()
    assert equal_compute(best.drop(columns="weighted"), cost).isna().all()


def test_all_trials_failed_is_said(tmp_path):
    study = study_of(tmp_path, [(0.01, np.nan), (0.02, np.nan)])
    row = tuning.summary(study).loc[("t", "sum")]
    assert (row["diverged"], row["edge"]) == (1, "")
    assert np.isnan(row["best_score"])
    assert "Every tuning trial failed for sum on t." in notes(study)


def test_best_so_far_counts_failed_trials(tmp_path):
    study = study_of(tmp_path, [(0.01, np.nan), (0.02, 0.4), (0.03, np.nan), (0.04, 0.6), (1, 0.5)])
    best = tuning.best_so_far(tuning.trials(study, "t"))["sum"]
    np.testing.assert_array_equal(best, [np.nan, 0.4, 0.4, 0.6, 0.6])
    assert list(best.index) == [1, 2, 3, 4, 5]


def test_unequal_trials_and_missing_trials_are_said(tmp_path):
    write_study(
        tmp_path, tuned=TUNED, strategies=("sum", "pcgrad"), tasks={"t": TWO_HEADS}, series=False
    )
    table = pd.read_parquet(tmp_path / "trials.parquet")
    table[(table["label"] == "sum") | (table["trial"] < 5)].to_parquet(tmp_path / "trials.parquet")
    said = notes(read(tmp_path))
    assert any("Unequal numbers of trials: pcgrad on t (5), against 8" in note for note in said)
    (tmp_path / "trials.parquet").unlink()
    (note,) = notes(read(tmp_path))
    assert "there are no trials of it" in note


def test_an_untuned_study_has_nothing_to_say(tmp_path):

    study = read(write_study(tmp_path, tasks={"t": ERROR}, series=False))
    assert tuning.summary(study).empty
    assert notes(study) == []


def test_the_chosen_hyperparameters_are_told(tmp_path):
    study = study_of(tmp_path, [(0.01, 0.5), (0.02, 0.6), (0.03, 0.4)])
    study.trials["hp/weights"] = ["[1.0, 0.5]", "[1.0, 11.7071697]", "[1.0, 2.0]"]
    study.trials["hp/temperature"] = [2.0, 1.5e-05, 3.0]
    study.trials["hp/learning_rate"] = np.nan
    study.trials["hp/decay"] = np.nan  # of another strategy
    row = tuning.summary(study).loc[("t", "sum")]
    assert row["hyperparameters"] == "weights 1 11.7, temperature 1.5e-05"
