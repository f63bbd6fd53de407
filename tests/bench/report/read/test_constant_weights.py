"""The row of the best constant weights: chosen on validation, judged on test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from invented import TUNED, TWO_HEADS, static_weights_labels, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.read import read
from lossbench.bench.report.read.constant_weights import LABEL


@pytest.fixture
def folder(tmp_path):
    return write_study(
        tmp_path,
        strategies=("sum", "a"),
        tasks={"t": TWO_HEADS},
        single_task=True,
        tuned=TUNED,
        series=False,
    )


def changed(folder, label, **columns):
    runs = pd.read_parquet(folder / "runs.parquet")
    for column, value in columns.items():
        name = f"metric/left/accuracy/{column}" if column in ("validation", "test") else column
        runs.loc[runs["label"] == label, name] = value
        if column == "test":
            runs.loc[runs["label"] == label, "primary_metric"] = value
    runs.to_parquet(folder / "runs.parquet")


def test_validation_chooses_and_not_the_test(folder):
    labels = static_weights_labels()
    for label in labels:
        changed(folder, label, validation=0.5, test=0.9)
    changed(folder, labels[2], validation=0.6, test=0.7)
    result = compare(read(folder))
    row = result.tasks["t"].loc[LABEL]
    assert row["left/accuracy mean"] == pytest.approx(0.7)
    assert any(f"chooses: {labels[2]} on t." in note for note in result.notes)
    assert LABEL in result.leaderboard.table.index
    assert np.isfinite(row["p_adjusted"]), "a member of the family like any other"


def test_a_point_that_fails_on_a_seed_is_not_chosen(folder):
    labels = static_weights_labels()
    for label in labels:
        changed(folder, label, validation=0.5)
    changed(folder, labels[1], validation=0.9)
    runs = pd.read_parquet(folder / "runs.parquet")
    one = runs.index[(runs["label"] == labels[1]) & (runs["seed"] == 0)]
    runs.loc[one, "status"] = "diverged"
    runs.to_parquet(folder / "runs.parquet")
    notes = compare(read(folder)).notes
    assert not any(f"chooses: {labels[1]}" in note for note in notes)


def test_without_a_curve_there_is_no_such_row(tmp_path):
    study = read(write_study(tmp_path, series=False))
    assert LABEL not in study.labels
