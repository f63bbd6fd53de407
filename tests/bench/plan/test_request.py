"""What a run is asked for: as words, as Python has it, and by default."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from lossbench.bench.plan import values
from lossbench.bench.plan.request import Request
from lossbench.datasets import default_data_dir

WORDS = {
    "preset": "smoke",
    "strategies": "sum, cagrad(c=0.4)",
    "tasks": "units robust",
    "seeds": "3",
    "learning_rate": "1e-3",
    "scale": "right=0.01,left=2",
    "budget": "0",
    "devices": "cpu,gpu",
    "xla": "both",
    "out": "results/mine",
}
PYTHON = {
    "preset": "smoke",
    "strategies": ["sum", "cagrad(c=0.4)"],
    "tasks": np.array(["units", "robust"]),
    "seeds": np.int64(3),
    "learning_rate": 0.001,
    "scale": {"right": 0.01, "left": 2},
    "budget": 0,
    "devices": ("cpu", "gpu"),
    "xla": "both",
    "out": Path("results") / "mine",
}


def test_words_and_python_values_ask_for_the_same():
    request = Request(**WORDS)
    assert request == Request(**PYTHON)
    assert request.strategies == ("sum", "cagrad(c=0.4)")
    assert (request.seeds, request.learning_rate, request.budget) == (3, 1e-3, 0)
    assert request.scale == {"right": 0.01, "left": 2.0}
    assert (request.devices, request.xla) == (("cpu", "gpu"), (False, True))
    assert request.out == Path("results/mine")


def test_none_is_the_default():
    names = [field.name for field in dataclasses.fields(Request)]
    assert Request(**dict.fromkeys(names)) == Request()
    assert (Request().preset, Request().strategies, Request().seeds) == ("quick", None, None)
    assert Request().data_dir == default_data_dir()


def test_a_request_can_be_changed():
    request = Request(**WORDS)
    assert dataclasses.replace(request) == request
    assert dataclasses.replace(request, xla=True).xla == (True,)
    with pytest.raises(ValueError, match="--jobs: expected a whole number of at least 1"):
        dataclasses.replace(request, jobs=0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.seeds = 4


def test_a_name_of_a_list_keeps_its_commas_and_spaces(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Request(tasks=["my tasks, all.py"]).tasks == ("my tasks, all.py",)
    assert Request(strategies=Path("mine.py")).strategies == ("mine.py",)
    assert Request(out="~/results").out == tmp_path / "results"


def test_words_split_outside_brackets_and_quotes():
    assert values.words("sum, weighted(weights=(1, 0.5)) clipped(of='x(a=1), y')") == [
        "sum",
        "weighted(weights=(1, 0.5))",
        "clipped(of='x(a=1), y')",
    ]
    assert values.words("") == values.words(None) == []
