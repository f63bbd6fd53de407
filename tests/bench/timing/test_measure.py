"""A measurement from end to end, and where its processes run."""

import json
import math
import os

import pytest

from lossbench.bench.timing import processes
from lossbench.bench.timing.measure import measure, places_of
from lossbench.bench.timing.protocol import Protocol

TINY = Protocol(processes=1, rounds=2, call_s=0.002, warm_s=0.0)
REFUSED = """
import tensorflow as tf
from .core import LossStrategy

class Refused(LossStrategy):
    def objective(self, losses, state):
        volume = tf.linalg.det(tf.linalg.diag(losses))  # XLA has none
        return tf.reduce_sum(losses) * tf.stop_gradient(1 + 1e-9 * volume), state
"""
DEADLY = """
import os
from .core import LossStrategy

class Deadly(LossStrategy):
    def objective(self, losses, state):
        os._exit(7)
"""


def test_each_gpu_has_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr(processes, "gpus", lambda: ["one", "another"])
    places, reason = places_of("gpu", Protocol())
    assert [place.gpu for place in places] == [0, 1]
    assert not reason


def test_strategies_that_break_are_rows_and_the_rest_is_timed(tmp_path):
    for name, code in {"refused": REFUSED, "deadly": DEADLY}.items():
        (tmp_path / f"{name}.py").write_text(code)
    refused, deadly = (str(tmp_path / f"{name}.py") for name in ("refused", "deadly"))
    said = []
    rows = measure(
        [refused, deadly],
        ["reference_2"],
        xla=(True,),
        protocol=TINY,
        data_dir=tmp_path,
        on_progress=lambda text, share: said.append((text, share)),
    ).set_index("label")
    assert rows["status"].to_dict() == {"sum": "ok", "refused": "failed", "deadly": "failed"}
    assert "worker process ended with exit status 7" in rows.at["deadly", "reason"]
    assert rows.at["refused", "reason"]
    assert {text.partition(" ")[0] for text, share in said if math.isnan(share)} == {
        "refused",
        "deadly",
    }
    assert max(share for _, share in said if not math.isnan(share)) == pytest.approx(1)
    timed = rows.loc["sum"]
    assert timed["ratio"] == 1
    for figure in ("us", "trace_s", "compile_s", "memory_mb", "gflops", "share", "call_us"):
        assert math.isfinite(timed[figure]), figure
    assert timed["processes"] == 1
    machine = json.loads(timed["environment"])
    if hasattr(os, "sched_setaffinity"):
        assert machine["clock"] == "core"
        assert [len(cores) for cores in machine["pinned"]] == [1]
        assert machine["policy"] in ("batch", "unknown")
