"""`--splits`: several splits of a task's data are read as one task, the split in the block."""

from __future__ import annotations

import pandas as pd

from lossbench.bench.cli.main import main
from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.read import read
from lossbench.bench.report.read.reader import series
from lossbench.bench.report.read.splits import SEEDS
from lossbench.bench.report.tables.task import caption

ARGUMENTS = (
    *("run", "--strategies", "sum,normalized", "--tasks", "units,valleys", "--splits", "3"),
    *("--seeds", "2", "--steps", "20", "--tune", "0", "--no-timing", "--no-static-weights"),
)


def test_splits_are_blocks_of_one_task(tmp_path):
    out = tmp_path / "out"
    assert main([*ARGUMENTS, "--out", str(out)]) == 0
    stored = pd.read_parquet(out / "runs.parquet")
    assert set(stored["task"]) == {"units", "units[split=1]", "units[split=2]", "valleys"}
    study = read(out)
    assert study.tasks == ["units", "valleys"]
    runs = study.outcomes("units")
    seeds = [split * SEEDS + seed for split in range(3) for seed in range(2)]
    assert sorted(runs.loc[runs["label"] == "sum", "seed"]) == seeds
    assert runs.groupby("seed")["pairing"].nunique().eq(1).all()
    for split, name in enumerate(("units", "units[split=1]", "units[split=2]")):
        own = runs[(runs["label"] == "sum") & (runs["seed"] // SEEDS == split)]
        expected = stored[(stored["task"] == name) & (stored["label"] == "sum")]
        assert list(own["primary_metric"]) == list(expected["primary_metric"])
    recorded = series(study, "units", ["metric/malignant/nll/validation"])
    assert sorted(recorded.loc[recorded["label"] == "sum", "seed"].unique()) == seeds
    comparison = compare(study)
    assert comparison.tasks["units"].loc["normalized", "pairs"] == 3, "over splits"
    assert comparison.tasks["valleys"].loc["normalized", "pairs"] == 2, "over seeds: there is one"
    assert study.units == "splits"
    assert "t test over splits with Holm" in caption(comparison, "units")
    notes = " ".join(comparison.notes)
    assert "were run on 3 splits of them" in notes
    assert "cells have not run" not in notes
    assert "Not all seeds are there" not in notes
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "were run on 3 splits of them" in page
