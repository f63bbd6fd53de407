"""Fixtures of the strategy tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from golden import load
from lossbench.strategies import names

HERE = Path(__file__).parent


class Compiled(NamedTuple):
    """What the compiled runs left: module counts, traces and errors, and directions."""

    report: dict[str, dict[str, Any]]
    directions: dict[str, np.ndarray]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Runs of all strategies under XLA, in one process of their own (see compiled.py)."""
    out = tmp_path_factory.mktemp("compiled")
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, str(HERE / "compiled.py"), str(out), *names()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with np.load(out / "directions.npz") as arrays:
        directions = {key: arrays[key] for key in arrays.files}
    return Compiled(json.loads((out / "report.json").read_text()), directions)


@pytest.fixture(scope="session")
def goldens() -> dict[str, Any]:
    """The golden Jacobians, records and sequences."""
    return load()
