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


@pytest.fixture(scope="session", autouse=True)
def compiling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The process that compiles, started at once where a test wants it: it takes a while."""
    if not any("compiled" in item.fixturenames for item in request.session.items):
        yield None
        return
    out = tmp_path_factory.mktemp("compiled")
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, str(HERE / "compiled.py"), str(out), *names()]
    with (out / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        yield process, out
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(scope="session")
def compiled(compiling: tuple[subprocess.Popen[bytes], Path]) -> Compiled:
    """Runs of all strategies under XLA, in one process of their own (see compiled.py)."""
    process, out = compiling
    assert process.wait(timeout=600) == 0, (out / "log").read_text()[-2000:]
    with np.load(out / "directions.npz") as arrays:
        directions = {key: arrays[key] for key in arrays.files}
    return Compiled(json.loads((out / "report.json").read_text()), directions)


@pytest.fixture(scope="session")
def goldens() -> dict[str, Any]:
    """The golden Jacobians, records and sequences."""
    return load()
