"""The timing protocol: what is counted, divided, combined, and what is said when things break."""

import argparse
import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from rich.console import Console

from lossbench.bench.cli import time
from lossbench.bench.store.schema import SCALING
from lossbench.bench.timing import analysis, processes, scaling, session, times
from lossbench.bench.timing import measure as measuring
from lossbench.bench.timing.block import Block, Variant
from lossbench.bench.timing.flops import Product, Roof, flops, products
from lossbench.bench.timing.measure import measure, places_of, split
from lossbench.bench.timing.memory import growth as memory_growth
from lossbench.bench.timing.problems import BATCH, get, grown, width_of
from lossbench.bench.timing.processes import Answer, Place
from lossbench.bench.timing.program import Problem, Program
from lossbench.bench.timing.protocol import FULL, QUICK, Protocol
from lossbench.bench.timing.rounds import ones_of, steps_of

SUM, OTHER = (Variant(name, False, "float32", 1) for name in ("sum", "pcgrad"))
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


def program(strategy: str, precision: str = "float32", **settings) -> Program:
    return Program(
        Problem("reference_2", Path(), precision), strategy, **{"xla": False, **settings}
    )


# Arithmetic


def test_the_arithmetic_of_a_step_is_what_one_counts_by_hand():
    forward = 64 * 128 + 128 * 64 + 64 * 10 + 64 * 64
    # Each layer's gradient by its kernel, and by its input except in the first layer.
    backward = forward + (128 * 64 + 64 * 10 + 64 * 64)
    assert flops(program("sum").products) == 2 * BATCH * (forward + backward)
    trunk = 64 * 128 + 2 * 128 * 64  # once for each loss
    two = forward + 2 * (64 * 10) + 2 * (64 * 64) + 2 * trunk
    assert flops(program("graddrop").products) == 2 * BATCH * two


def test_a_convolution_and_its_gradients_are_three_products_of_one_size():
    @tf.function(autograph=False)
    def step(x, kernel):
        with tf.GradientTape() as tape:
            tape.watch((x, kernel))
            y = tf.nn.conv2d(x, kernel, 1, "SAME")
        return tape.gradient(y, (x, kernel)), tf.reduce_sum(y)

    concrete = step.get_concrete_function(tf.TensorSpec((2, 8, 8, 3)), tf.TensorSpec((5, 5, 3, 7)))
    assert flops(products(concrete)) == 3 * 2 * (2 * 8 * 8) * (5 * 5 * 3) * 7


def test_a_loop_counts_once_and_what_nobody_uses_not_at_all():
    @tf.function(autograph=False)
    def loop(a, steps):
        def body(i, b):
            tf.matmul(a, a)
            return i + 1, tf.cond(b[0, 0] > 0, lambda: tf.matmul(a, b), lambda: b)

        return tf.while_loop(lambda i, _: i < steps, body, (tf.constant(0), a))[1]

    concrete = loop.get_concrete_function(tf.TensorSpec((6, 6)), tf.TensorSpec((), tf.int32))
    assert products(concrete) == Counter([Product(1, 6, 6, 6)])


def test_a_shape_that_is_not_static_is_refused():
    square = tf.function(lambda a: tf.matmul(a, a), autograph=False)
    with pytest.raises(ValueError, match="not static"):
        products(square.get_concrete_function(tf.TensorSpec((None, 4))))


def test_plain_products_are_executed_not_optimised_away():
    roof = Roof(Counter({Product(1, 128, 128, 128): 3, Product(2, 64, 64, 64): 1}), 300)
    seconds = []
    for _ in range(3):
        one, full = roof.sample()
        seconds.append((full - one) / roof.steps)
    assert roof.flops / min(seconds) < 2e12, "no core multiplies so fast"


# Programs


def test_a_program_trains_the_same_chunk_again_and_again():
    made = program("pcgrad", seeds=2)
    made.prepare(12)
    first = made.call()
    assert first.shape == (13, 2)
    assert len(np.unique(first)) == first.size
    np.testing.assert_allclose(made.call(), first, rtol=1e-5)
    assert made.traces == 1
    assert made.trace_s > 0
    assert made.parameters == 21_386
    one, full = made.sample()
    assert 0 < one < full


def test_fit_takes_more_steps_for_more_time():
    made = program("sum")
    made.fit(1e-4)
    few = made.steps
    made.fit(0.03)
    assert few < made.steps


def test_a_strategy_that_draws_much_noise_is_not_taken_for_a_slow_one():
    made = program("graddrop")  # a number for each parameter and step, prepared outside the loop
    made.fit(0.02)
    assert made.steps > 4


def test_mixed_precision_computes_in_bfloat16_and_keeps_losses_in_float32():
    problem = Problem("reference_2", Path(), "mixed")
    assert keras.config.dtype_policy().name == "float32"
    assert {layer.compute_dtype for layer in problem.network.model.layers[1:]} == {"bfloat16"}
    norms = Program(problem, "pcgrad", xla=False).call()
    assert norms.dtype == np.float32
    assert np.isfinite(norms).all()


def test_a_compiled_step_joins_the_gradients_before_a_strategy_reads_them():
    """Within the strategy's own loops XLA reads the pieces with masks that reach outside of them.

    Where that memory is not there, the processor needs a hundred cycles for each such read.
    """
    made = program("db_mtl", xla=True)
    hlo = made._tap.function.experimental_get_compiler_ir(*made._full)(stage="optimized_hlo")
    rows = {"f32[16576]{0} concatenate": "dimensions={0}", "16576]{1,0} concatenate": "={1}"}
    where = [
        computation.split()[0]
        for computation in hlo.split("\n\n")
        for line in computation.splitlines()
        if any(shape in line and axis in line for shape, axis in rows.items())
    ]
    assert len(where) == made.losses
    assert not [name for name in where if "fused" in name]


@pytest.mark.parametrize(("losses", "size"), [(1, 10_000), (8, 100_000), (32, 1_000_000)])
def test_grown_models_have_the_parameters_that_were_asked_for(losses, size):
    model = grown(losses, width_of(size, losses)).model()
    assert len(model.outputs) == losses
    assert model.count_params() == pytest.approx(size, rel=0.03)


@pytest.mark.parametrize("name", ["reference_0", "grown_0_5", "grown_2_0"])
def test_a_problem_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match="at least 1"):
        get(name)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's mark can't be reset")
def test_memory_is_the_growth_at_the_peak():
    with memory_growth() as grown_by:
        np.ones(8 << 20).sum()
    assert 60 < grown_by.mb < 80
    with memory_growth() as nothing:
        pass
    assert nothing.mb < 5


# Combining


class Runner:
    def __init__(self, steps, seeds=1):
        self.steps, self.seeds = steps, seeds


def test_a_step_is_what_a_call_takes_beyond_one_of_one_step():
    runners = {"a": Runner(10), "b": Runner(5, seeds=2), "base": Runner(20)}
    rounds = [
        [
            {"a": (1.0, 1.0 + 10 * 3.0), "base": (2.0, 2.0 + 20 * 2.0)},
            {"b": (0.5, 0.5 + 5 * 2 * 4.0), "base": (2.0, 2.0 + 20 * 1.0)},
        ],
        [{"a": (1.0, 1.0 + 10 * 6.0), "base": (2.0, 2.0 + 20 * 3.0)}],
    ]
    found = steps_of(rounds, runners, ones_of(rounds))
    assert found == {
        "a": [(3.0, 1.5), (6.0, 3.0)],  # over the median of its round
        "b": [(4.0, 1.5)],
        "base": [(2.0, 1.5), (1.0, 1.5), (3.0, 3.0)],
    }


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


LABELS = {"sum": "sum", "pcgrad": "pcgrad"}


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


def test_a_spread_larger_than_the_difference_and_a_loaded_machine_are_said():
    answers = [answer({SUM: pairs(1.0), OTHER: pairs(r)}, share=0.6) for r in (0.9, 1.1)]
    (words,) = (row["words"] for row in analysis.rows(answers, LABELS) if row["label"] != "sum")
    assert "the spread between processes (±10.1 %) is larger than the difference" in words
    assert "a process had 60 % of its core" in words


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
    assert row["reason"] == "sum could not be timed in this setting"


def test_repeatability_is_printed_for_what_was_repeated():
    answers = [answer({SUM: pairs(1.0), OTHER: pairs(r)}) for r in (1.49, 1.50, 1.51)]
    frame = pd.DataFrame(analysis.rows(answers, LABELS))
    told = analysis.repeatability(frame)
    assert "ratios of 3 processes lie within ±0.7 % (median), ±0.7 % (worst: pcgrad" in told
    sd = np.log([1.49, 1.50, 1.51]).std(ddof=1)
    assert f"agree within {100 * 1.959964 * sd * math.sqrt(2 / 3):.1f} %" in told
    assert analysis.repeatability(frame[frame["label"] == "sum"]) == ""


# Blocks, places, tables


def test_every_block_holds_the_baseline_and_every_strategy_is_in_one():
    names = ["sum", *(f"s{i}" for i in range(5))]
    variants = [Variant(name, xla, "float32", 1) for name in names for xla in (False, True)]
    protocol = Protocol(processes=2, part=2)
    blocks = list(split(["reference_2"], "cpu", variants, protocol, Path("data")))
    assert len(blocks) == 2 * 3
    for block in blocks:
        assert [v for v in block.variants if v.strategy == "sum"] == variants[:2]
    assert {v for block in blocks[:3] for v in block.variants} == set(variants)


def test_each_gpu_has_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr(processes, "gpus", lambda: ["one", "another"])
    places, reason = places_of("gpu", Protocol())
    assert [place.gpu for place in places] == [0, 1]
    assert not reason
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    assert processes.environment(places[1])["CUDA_VISIBLE_DEVICES"] == "7"
    assert processes.environment(Place(core=0))["CUDA_VISIBLE_DEVICES"] == "-1"


def test_rows_replace_those_of_their_key_and_keep_the_others(tmp_path):
    def rows(label, **columns):
        variant = Variant(label, True, "float32", 1)
        about = {"environment": "{}", "finished": 0.0, "code": "c"}
        made = analysis.blank(variant, label, "t", "cpu", "ok")
        return pd.DataFrame([{**made, **about, **columns}])

    times.merge(tmp_path, rows(label="a", us=1.0))
    times.merge(tmp_path, rows(label="b", us=2.0))
    times.merge(tmp_path, rows(label="a", us=3.0, more=1))
    found = times.read(tmp_path).set_index("label")["us"].to_dict()
    assert found == {"a": 3.0, "b": 2.0}
    (tmp_path / "times.parquet").write_text("no table")
    with pytest.raises(ValueError, match="remove it"):
        times.merge(tmp_path, rows(label="a", us=1.0))
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".parquet")]


def test_a_grid_point_that_needs_too_much_memory_is_skipped_with_the_reason(tmp_path):
    kept = []
    rows = scaling.grow(
        losses=(1, 2),
        parameters=(10_000_000,),
        data_dir=tmp_path,
        memory=1e6,
        on_rows=kept.append,
    )
    assert set(rows["status"]) == {"skipped"}
    assert len(rows) == len(scaling.CLASSES) * 2 * 2
    assert rows["reason"].str.contains("GiB of memory").all()
    assert set(rows["losses"]) == {1, 2}
    assert len(kept) == 1
    times.merge(tmp_path, rows, SCALING)
    assert len(times.read(tmp_path, SCALING)) == len(rows)


# End to end


def options(*arguments) -> argparse.Namespace:
    return time.options(argparse.ArgumentParser()).parse_args(arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--strategies", "pcgard"), "did you mean pcgrad"),
        (("--tasks", "two_digts"), "did you mean two_digits"),
        (("--xla", "maybe"), "one of off, on, both"),
        (("--precision", "float16"), "one of float32, mixed"),
        (("--processes", "0"), "at least 1"),
        (("--seeds", "1"), "at least 2"),
        (("--jobs", "4096"), "there are"),
        (("--growth", "--tasks", "units"), "without --tasks"),
    ],
)
def test_bad_input_is_refused_before_anything_starts(arguments, words, tmp_path):
    with pytest.raises(ValueError, match=words) as refused:
        time.execute(options(*arguments, "--out", str(tmp_path / "out")))
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_device_that_is_not_there_is_rows_that_say_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(processes, "gpus", list)
    given = options(
        *("--strategies", "pcgrad", "--tasks", "reference_2", "--devices", "gpu,tpu"),
        *("--out", str(tmp_path)),
    )
    assert time.execute(given) == 1
    said = capsys.readouterr().out
    assert "no GPU found by TensorFlow" in said
    assert "no device 'tpu'" in said
    found = times.read(tmp_path)
    assert set(found["status"]) == {"unavailable"}
    assert set(found[found["device"] == "gpu"]["precision"]) == {"float32", "mixed"}


def test_beside_a_run_only_what_is_new_is_timed(tmp_path, monkeypatch):
    asked = []

    def fake(strategies, problems, **settings):
        asked.append(list(strategies))
        variants = [Variant(s, xla, "float32", 1) for s in strategies for xla in (False, True)]
        rows = [
            {**analysis.blank(v, v.strategy, problems[0], "cpu", "ok"), "cpu_share": 1.0}
            | {"code": measuring.code_of(v.strategy), "environment": "{}", "finished": 0.0}
            for v in variants
        ]
        return pd.DataFrame(rows)

    monkeypatch.setattr(session, "measure", fake)
    console = Console(quiet=True)
    session.beside(tmp_path, ["sum", "pcgrad"], tmp_path, console)
    session.beside(tmp_path, ["sum", "pcgrad", "mgda"], tmp_path, console)
    session.beside(tmp_path, ["sum", "mgda"], tmp_path, console)
    assert asked == [["sum", "pcgrad"], ["mgda"]]
    monkeypatch.setattr(session, "code_of", lambda name: "another")
    session.beside(tmp_path, ["sum"], tmp_path, console)
    assert asked[-1] == ["sum"]


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
    assert "exit status 7" in rows.at["deadly", "reason"]
    assert rows.at["refused", "reason"]
    assert {text.partition(" ")[0] for text, share in said if math.isnan(share)} == {
        "refused",
        "deadly",
    }
    assert max(share for _, share in said if not math.isnan(share)) == pytest.approx(1)
    timed = rows.loc["sum"]
    assert timed["ratio"] == 1
    assert 1 < timed["us"] < 1e5
    assert timed["compile_s"] > timed["trace_s"] / 10 > 0
    assert timed["share"] > 0
    assert timed["processes"] == 1
    assert '"clock": "core"' in timed["environment"] or not hasattr(os, "sched_setaffinity")


def test_ctrl_c_ends_the_processes_that_run_and_those_that_come():
    def sleeper():
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    children, first, second = processes.Children(), sleeper(), sleeper()
    children.add(first)
    children.close()
    children.add(second)
    assert first.wait(10) != 0
    assert second.wait(10) != 0


def test_the_protocol_of_make_bench_is_short():
    assert QUICK.processes >= 3
    assert QUICK.rounds < FULL.rounds
