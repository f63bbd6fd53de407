"""Rows of times.parquet with known numbers, for the tests."""

from __future__ import annotations

import json
import math

import pandas as pd

from lossbench.bench.timing import analysis
from lossbench.bench.timing.block import Variant


def row(label, xla="off", ratio=1.5, task="reference_2", **columns):
    made = analysis.blank(Variant(label, xla == "on", "float32", 1), label, task, "cpu", "ok")
    figures = {
        "losses": 2,
        "us": 100 * ratio,
        "ratio": ratio,
        "ratio_low": 0.98 * ratio,
        "ratio_high": 1.02 * ratio,
        "ratio_sd": 0.01,
        "spread": 1.0,
        "processes": 3,
        "trace_s": 0.5,
        "compile_s": 0.25,
        "memory_mb": 30.0,
        "share": 0.4,
        "square_share": 0.2,
        "cpu_share": 1.0,
    }
    about = {"environment": json.dumps({"cpu": "a"}), "code": "c", "finished": 0.0}
    return {**made, **figures, **about, **columns}


def frame(*rows):
    return pd.DataFrame(list(rows))


BOTH = (
    row("sum", ratio=1.0),
    row("sum", "on", 1.0, us=40.0, break_even=8000.0),
    row("pcgrad", ratio=1.5),
    row("pcgrad", "on", 1.25, break_even=math.inf, share=0.7, square_share=0.3),
)
