"""A run that is stopped in the middle: what had finished is reported, and running again goes on."""

import os
import re
import signal
import subprocess
import sys

import pandas as pd
import pytest

NAMES = ("sum", "mean", "pcgrad")
ARGUMENTS = (
    *("run", "--strategies", ",".join(NAMES), "--tasks", "two_digits", "--seeds", "2"),
    *("--no-single-task", "--no-static-weights", "--no-timing", "--tune", "0"),
    *("--jobs", "1", "--out", "out"),
)


def lossbench(*arguments, cwd):
    command = [sys.executable, "-m", "lossbench.bench", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def stopped(folder, how):
    """Runs until one of three cells is there, then stops the run; returns its exit code and words.

    In a session of its own, so that the signal reaches its workers too, as in a terminal.
    """
    # Where this test runs in the background, Ctrl-C is ignored, and the run would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "lossbench.bench", *ARGUMENTS],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "[1/3]" in line:
            os.killpg(process.pid, how)
            break
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors.strip()


def finished(folder):
    return {path.parent.name for path in (folder / "out" / "cells").glob("[!.]*/result.json")}


def check_report(folder):
    """The report shows the cells that are there and names the others."""
    there = finished(folder)
    assert 1 <= len(there) < len(NAMES)
    lossbench("report", "out", cwd=folder)
    runs = pd.read_parquet(folder / "out" / "runs.parquet")
    assert set(runs["cell"]) == there
    missing = [name for name in NAMES if name not in set(runs["label"])]
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    text = " ".join(re.sub("<[^>]*>", "", page).split())
    absent = ", ".join(f"{name} on two_digits" for name in missing)
    assert f"{len(missing)} of 3 cells have not run: {absent}" in text


def test_ctrl_c_collects_what_is_there_and_says_how_much(tmp_path):
    code, errors = stopped(tmp_path, signal.SIGINT)
    assert code == 130
    there = len(finished(tmp_path))
    assert errors.splitlines() == [
        f"lossbench: stopped; {there} of 3 cells are there: run again to go on, or `lossbench "
        "report out`"
    ]
    assert pd.read_parquet(tmp_path / "out" / "runs.parquet")["cell"].nunique() == there
    check_report(tmp_path)
    done = lossbench(*ARGUMENTS, cwd=tmp_path)
    assert f"3 cells: {there} there already, {3 - there} to run" in done
    assert set(pd.read_parquet(tmp_path / "out" / "runs.parquet")["label"]) == set(NAMES)


@pytest.mark.skipif(os.name != "posix", reason="there is no such signal")
def test_a_killed_run_is_collected_by_the_report(tmp_path):
    code, _ = stopped(tmp_path, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert not (tmp_path / "out" / "runs.parquet").exists()
    check_report(tmp_path)
