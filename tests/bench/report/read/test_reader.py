"""Series of runs: what is read of them, and until when."""

from __future__ import annotations

import pandas as pd
import pytest
from invented import TWO_HEADS, write_study

from lossbench.bench.report.read import read
from lossbench.bench.report.read.reader import series

VALIDATION = "metric/left/accuracy/validation"


@pytest.fixture
def study(tmp_path):
    options = {"strategies": ("sum", "mean"), "tasks": {"t": TWO_HEADS}, "seeds": 3}
    return read(write_study(tmp_path, diverged={("mean", "t"): 1}, **options))


def file_of(study, label):
    cells = study.runs.set_index("label")["cell"]
    return study.directory / "cells" / cells[label].iloc[0] / "series.parquet"


def test_a_series_is_what_was_stored_until_the_seed_failed(study):
    found = series(study, "t", [VALIDATION, "loss/left"])
    assert list(found) == ["label", "seed", "step", "ok", VALIDATION, "loss/left"]
    stored = pd.read_parquet(file_of(study, "mean"))
    mine = found[found["label"] == "mean"]
    whole = mine[mine["seed"] == 2].reset_index(drop=True)
    assert whole["ok"].all()
    wanted = stored[stored["seed"] == 2].reset_index(drop=True)[["step", VALIDATION, "loss/left"]]
    pd.testing.assert_frame_equal(whole[["step", VALIDATION, "loss/left"]], wanted)
    failed = mine[mine["seed"] == 0]  # its first bad step is 37, of 1500
    assert not failed["ok"].any()
    assert failed["step"].tolist() == [0]


def test_a_column_that_only_some_recorded_is_missing_in_the_others(study):
    path = file_of(study, "mean")
    pd.read_parquet(path).drop(columns="loss/left").to_parquet(path)
    found = series(study, "t", [VALIDATION, "loss/left", "cosine/left/right"])
    assert "cosine/left/right" not in found
    lacks = found.groupby("label")["loss/left"].agg(lambda values: values.isna().all())
    assert lacks.to_dict() == {"mean": True, "sum": False}


def test_cells_without_a_readable_series_have_no_rows(study):
    file_of(study, "sum").write_text("no table")
    assert set(series(study, "t", [VALIDATION])["label"]) == {"mean"}
    file_of(study, "mean").unlink()
    assert series(study, "t", [VALIDATION]).empty
