"""What can be wrong with a user's task ends the command line in one line, before training."""

from __future__ import annotations

import subprocess
import sys

import pytest

FILE = '''
"""A task with a fault."""
import keras
import numpy as np
from lossbench.datasets import Head, Task
from lossbench.datasets.core.losses import cross_entropy
from lossbench.datasets.core.metrics import accuracy

def data(folder):
    splits = {{
        split: {{"x": np.ones((6, 3), np.float32), "kind": np.arange(6, dtype=np.int32) % 4}}
        for split in ("train", "validation", "test")
    }}
    {fault}
    return splits

def model():
    x = keras.Input((3,), name="x")
    return keras.Model(x, {{"kind": keras.layers.Dense(4, name="kind")(x)}})

task = Task("A test.", "a test", "", data, model,
            (Head("kind", cross_entropy("{output}", "kind"),
                  metrics=(accuracy("kind", "kind", chance=0.25),)),), "kind/accuracy", 5)
'''
FAULTS = {
    "output": ("pass", "typo", "fault_output, train, kind: the loss fails: there is no 'typo'"),
    "label": (
        'splits["test"]["kind"][2] = 4',
        "kind",
        "'kind' must lie in 0..3, got 0..4",
    ),
    "nan": (
        'splits["validation"]["x"][1, 0] = np.nan',
        "kind",
        "fault_nan, validation: x has 1 values that are not finite, the first in row 1",
    ),
    "empty": (
        'splits["test"] = {key: column[:0] for key, column in splits["test"].items()}',
        "kind",
        "fault_empty, test: the split is empty",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line_and_nothing_is_trained(name, tmp_path):
    fault, output, says = FAULTS[name]
    file = tmp_path / f"fault_{name}.py"
    file.write_text(FILE.format(fault=fault, output=output))
    out = tmp_path / "out"
    arguments = ["run", "--tasks", str(file), "--strategies", "sum", "--jobs", "1"]
    arguments += ["--out", str(out), "--data-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "lossbench.bench", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("lossbench: ")
    assert says in line
    assert not list((out / "cells").glob("*"))
