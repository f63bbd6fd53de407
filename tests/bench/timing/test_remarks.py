"""What is said of timings: load, a spread larger than the difference, how they would repeat."""

import math

import numpy as np
import pandas as pd
import pytest

from lossbench.bench.timing import remarks

RATIOS = (1.49, 1.50, 1.51)


def row(label="pcgrad", **columns):
    usual = {"label": label, "task": "reference_2", "device": "cpu", "xla": "off", "status": "ok"}
    usual |= {"ratio": 1.5, "ratio_sd": np.log(RATIOS).std(ddof=1), "spread": 0.7, "processes": 3}
    return {**usual, "cpu_share": 1.0, "words": "", **columns}


def test_a_quiet_machine_and_a_clear_difference_need_no_words():
    assert remarks.words(row()) == ""
    assert remarks.words(row(label="sum", ratio=1.0)) == "", "nothing to tell it from"


def test_a_spread_larger_than_the_difference_and_a_loaded_machine_are_said():
    words = remarks.words(row(ratio=1.05, spread=10.1, cpu_share=0.6), ["a remark", "a remark"])
    assert words == (
        "a remark; the spread between processes (±10.1 %) is larger than the difference to sum "
        "(5.0 %); the machine was loaded: a process had 60 % of its core"
    )
    on_gpu = row(device="gpu", cpu_share=0.6)
    assert remarks.words(on_gpu) == "", "there the process waits for the device"


def test_repeatability_is_told_for_what_was_repeated():
    frame = pd.DataFrame([row(label="sum"), row(), row(label="once", processes=1)])
    told = remarks.repeatability(frame)
    assert "ratios of 3 processes lie within ±0.7 % (median), ±0.7 % (worst: pcgrad" in told
    sd = np.log(RATIOS).std(ddof=1)
    assert f"agree within {100 * 1.959964 * sd * math.sqrt(2 / 3):.1f} %" in told
    assert remarks.repeatability(frame[frame["label"] == "sum"]) == ""


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"cpu_share": 0.6}, "a process had 60 % of its core; time again when it is quiet"),
        ({"spread": 80.0}, "1 ratio can't be told from 1: the spread between processes is larger"),
    ],
)
def test_the_summary_tells_what_the_rows_say(columns, line):
    found = row(**columns)
    frame = pd.DataFrame([row(), {**found, "words": remarks.words(found)}])
    said, repeatability = remarks.summary(frame)
    assert line in said
    assert repeatability == remarks.repeatability(frame)
