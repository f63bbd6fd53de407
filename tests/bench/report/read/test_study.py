"""A study in memory: at which budget, what it lacks, and what a stopped run left behind."""

from __future__ import annotations

import pandas as pd
import pytest
from invented import ABOUT, TUNED, TWO_HEADS, write_study
from stored_cells import cell, write_cells

from lossbench.bench.report.analysis.folders import compare_folders
from lossbench.bench.report.read import read
from lossbench.bench.store.store import Store

NAMES = ("sum", "mean", "pcgrad")


def edit_runs(directory, change):
    runs = pd.read_parquet(directory / "runs.parquet")
    change(runs).to_parquet(directory / "runs.parquet")


def test_the_planned_budget_is_compared_also_below_an_older_one(tmp_path):
    write_study(
        tmp_path, tuned=TUNED, strategies=("sum", "a"), tasks={"t": TWO_HEADS}, series=False
    )
    older = pd.read_parquet(tmp_path / "runs.parquet").query("budget == 8 and label == 'sum'")
    edit_runs(tmp_path, lambda runs: pd.concat([runs, older.assign(budget=32)], ignore_index=True))
    assert read(tmp_path).budget == 8


def test_seeds_that_are_no_pairs_are_named(tmp_path):
    write_study(tmp_path, series=False)
    other = {"label": "mgda", "task": "autoencode"}

    def change(runs):
        chosen = (runs[list(other)] == pd.Series(other)).all(axis=1)
        return runs.assign(pairing=runs["pairing"].mask(chosen, "other"))

    edit_runs(tmp_path, change)
    assert any("differ between strategies on autoencode:" in note for note in read(tmp_path).notes)


def plan_of(cells):
    about = {**ABOUT, **TWO_HEADS, "seeds": 2}
    return {
        "preset": "quick",
        "command": "lossbench run",
        "created": "2026-11-20T10:00:00Z",
        "strategies": list(NAMES),
        "tasks": {"two_digits": about},
        "budget": 0,
        "single_task": {},
        "static_weights": {},
        "cells": [cell.key for cell in cells],
    }


@pytest.fixture
def stopped(tmp_path):
    """A folder of three cells, of which two had finished when the run was killed."""
    store, cells = Store(tmp_path), [cell(name) for name in NAMES]
    store.open()
    store.write_plan(plan_of(cells), {"cores": 2})
    write_cells(store, (cells[0], 0.5), (cells[1], 0.6))
    return store


def test_what_a_stopped_run_left_is_collected_and_the_rest_named(stopped):
    study = read(stopped.directory)
    assert study.runs.groupby("label")["primary_metric"].mean().to_dict() == {
        "sum": 0.5,
        "mean": 0.6,
    }
    assert study.notes == ("1 of 3 cells have not run: pcgrad on two_digits.",)
    assert len(pd.read_parquet(stopped.directory / "runs.parquet")) == 4
    write_cells(stopped, (cell("pcgrad"), 0.7))
    assert read(stopped.directory).notes == ()


def test_a_folder_that_cannot_be_written_is_read_from_its_cells(stopped):
    (stopped.directory / ".lock").unlink()
    (stopped.directory / ".lock").mkdir()  # as where another user made it
    study = read(stopped.directory)
    assert len(study.runs) == 4
    assert study.notes[0].startswith("runs.parquet is not up to date and can't be written (")
    assert not (stopped.directory / "runs.parquet").exists()


def test_two_folders_are_compared_by_their_cells_and_nothing_is_written(stopped):
    before = sorted(stopped.directory.rglob("*"))
    found = compare_folders(stopped.directory, stopped.directory)
    assert len(found.table) == 2
    assert sorted(stopped.directory.rglob("*")) == before


def test_tables_without_their_cells_are_what_there_is(tmp_path):
    write_study(tmp_path, strategies=("sum", "mean"), seeds=2, series=False)
    before = (tmp_path / "runs.parquet").read_bytes()
    assert len(read(tmp_path).runs) == 8
    assert (tmp_path / "runs.parquet").read_bytes() == before
