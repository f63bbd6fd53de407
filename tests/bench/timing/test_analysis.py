"""From timings to rows: ratios within rounds, intervals over processes, what broke."""

import math

import numpy as np
import pytest

from lossbench.bench.timing import analysis
from lossbench.bench.timing.block import Block, Variant
from lossbench.bench.timing.processes import Answer, Place

SUM, OTHER = (Variant(name, False, "float32", 1) for name in ("sum", "pcgrad"))
LABELS = {"sum": "sum", "pcgrad": "pcgrad"}


def test_the_interval_is_students_t_of_the_logarithms_over_processes():
    found = analysis.interval([1.1, 1.2, 1.3])
    logs = np.log([1.1, 1.2, 1.3])
    half = 4.302653 * logs.std(ddof=1) / math.sqrt(3)
    assert found["ratio"] == pytest.approx(math.exp(logs.mean()))
    assert found["ratio_low"] == pytest.approx(math.exp(logs.mean() - half))
    assert found["ratio_high"] == pytest.approx(math.exp(logs.mean() + half))
    assert found["spread"] == pytest.approx(50 * 0.2 / found["ratio"])
    alone = analysis.interval([1.1])
    assert alone["ratio"] == pytest.approx(1.1)
    assert math.isnan(alone["ratio_low"])


def test_xla_pays_after_its_extra_compile_time_over_its_saving():
    plain = {"us": 300.0, "trace_s": 0.5, "compile_s": 0.5}
    compiled = {"us": 100.0, "trace_s": 0.5, "compile_s": 2.5}
    assert analysis.break_even(plain, compiled) == pytest.approx(2.0 / 200e-6)
    assert analysis.break_even(plain, {**compiled, "us": 300.0}) == math.inf
    assert analysis.break_even(plain, {**compiled, "compile_s": 0.1}) == 0.0
    assert math.isnan(analysis.break_even(plain, {**compiled, "us": math.nan}))


def answer(timings, *, variants=(SUM, OTHER), share=1.0, failed=None, **built) -> Answer:
    block = Block("reference_2", tuple(variants), "cpu", "", 3, 0.01, 0.0, 0)
    about = {
        "trace_s": 0.5,
        "compile_s": 0.25,
        "memory_mb": 10.0,
        "device_mb": math.nan,
        "flops": 1e6,
        "steps": 10,
        "parameters": 100,
        "losses": 2,
        "batch": 64,
    }
    return Answer(
        block,
        Place(core=0),
        built={variant: {**about, **built} for variant in timings},
        failed=failed or {},
        timings={**timings, "square": [[1e-3, math.nan]]},
        calls=dict.fromkeys([*timings, "square"], 1e-3),
        machine={
            "load_before": 0.1,
            "load_after": 1.0,
            "cpu_share": share,
            "process_mb": 500.0,
            "roof_flops": {"square": 1e8},
            "retraced": [],
            "cores": [0],
        },
    )


def pairs(ratio, base=1e-4):
    return [[ratio * base * drift, base * drift] for drift in (1.0, 5.0, 1.1)]


def test_ratios_are_paired_within_rounds_so_that_drift_cancels():
    rows = analysis.rows([answer({SUM: pairs(1.0), OTHER: pairs(r)}) for r in (1.50, 1.52)], LABELS)
    by_label = {row["label"]: row for row in rows}
    assert by_label["sum"]["ratio"] == 1
    assert by_label["pcgrad"]["ratio"] == pytest.approx(math.sqrt(1.50 * 1.52))
    assert by_label["pcgrad"]["us"] == pytest.approx(1.51 * 110)
    assert by_label["pcgrad"]["square_gflops"] == pytest.approx(100.0)
    assert by_label["pcgrad"]["words"] == ""


def test_several_seeds_stand_beside_one():
    ten = Variant("sum", False, "float32", 10)
    rows = analysis.rows(
        [answer({SUM: pairs(1.0), ten: pairs(1.0, 4e-5)}, variants=(SUM, ten))], LABELS
    )
    (row,) = rows
    assert row["seeds"] == 10
    assert row["seed_us"] == pytest.approx(44)
    assert row["us"] == pytest.approx(110)


def test_one_process_has_no_interval_and_says_so():
    rows = analysis.rows([answer({SUM: pairs(1.0), OTHER: pairs(1.5)})], LABELS)
    assert [row["words"] for row in rows] == ["", "one process: no interval"]


def test_what_broke_is_a_row_with_the_reason():
    rows = analysis.rows([answer({SUM: pairs(1.0)}, failed={OTHER: "no such op"})], LABELS)
    assert [(row["status"], row["reason"]) for row in rows] == [
        ("ok", ""),
        ("failed", "no such op"),
    ]
    (_, row) = analysis.rows([answer({}, failed={SUM: "refused"})], LABELS)
    assert row["reason"] == "sum could not be timed under these conditions"
