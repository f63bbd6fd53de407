"""What times.parquet says in words, and folders without one."""

import pandas as pd
import pytest
from timed_rows import BOTH, frame, row

from lossbench.bench.report.analysis import cost


def test_notes_say_what_is_absent_noisy_and_not_to_be_told_apart():
    close = row("mean", ratio=1.005, spread=2.0, cpu_share=0.5)
    absent = row("sum", status="unavailable", reason="no GPU found", device="gpu")
    told = " ".join(cost.notes(frame(*BOTH, close, absent)))
    assert "No GPU found." in told
    assert "loaded during 1 of 5 timings: a process had as little as 50 % of its core" in told
    assert "1 of 3 ratios can't be told from 1" in told
    assert "±2.0 % (worst: mean on reference_2, XLA off)" in told
    assert cost.notes(frame(*BOTH[:2])) == []


def test_several_measurements_are_said():
    other = row("pcgrad", environment="{}")
    assert "several runs" in cost.notes(frame(BOTH[0], other))[-1]


@pytest.mark.parametrize("content", [None, "no table", "another table"])
def test_a_folder_without_times_has_none(tmp_path, content):
    if content == "no table":
        (tmp_path / "times.parquet").write_text(content)
    elif content:
        pd.DataFrame({"label": ["sum"]}).to_parquet(tmp_path / "times.parquet")
    assert cost.read(tmp_path) is None


def test_times_are_read_as_they_were_written(tmp_path):
    frame(*BOTH).to_parquet(tmp_path / "times.parquet")
    assert len(cost.read(tmp_path)) == len(BOTH)
