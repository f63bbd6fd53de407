"""How the timing of steps shows where there is no terminal."""

import math

import pandas as pd
import pytest
from rich.console import Console

from lossbench.bench.step_times import TimingDisplay, time_beside
from lossbench.bench.timing import untimed


@pytest.fixture
def console(tmp_path):
    with open(tmp_path / "said", "w", encoding="utf-8") as file:
        yield Console(file=file, width=200)


def said(console):
    console.file.flush()
    with open(console.file.name, encoding="utf-8") as lines:
        return lines.read().splitlines()


def test_a_line_for_every_tenth_and_for_what_everyone_must_read(console):
    with TimingDisplay(console) as shown:
        for percent in range(0, 101, 4):
            shown(f"at {percent}", percent / 100)
        shown("pcgrad failed", math.nan)
    *tenths, last = said(console)
    assert [line.rpartition(": ")[2] for line in tenths] == [
        *("at 12", "at 24", "at 36", "at 48", "at 60", "at 72", "at 84", "at 96", "at 100")
    ]
    assert last == "pcgrad failed"


def test_beside_a_run_what_is_missing_is_timed_and_told(tmp_path, monkeypatch, console):
    rows = pd.DataFrame([{"words": "", "status": "ok", "processes": 1, "label": "sum"}])
    asked = []
    monkeypatch.setattr(untimed, "untimed", lambda directory, strategies: strategies[1:])
    monkeypatch.setattr(untimed, "measure_untimed", lambda *args: (asked.append(args), rows)[1])
    time_beside(tmp_path, ["sum"], tmp_path, console)
    assert not asked
    assert said(console) == []
    time_beside(tmp_path, ["sum", "mgda"], tmp_path, console)
    assert [arguments[1] for arguments in asked] == [["mgda"]]
    assert said(console)[0] == "timing the steps of 1 of the strategies ..."
