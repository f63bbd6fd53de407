"""One fresh process's share of a measurement: all variants of a task, timed in turn."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ...strategies.core.plugins import in_one_line
from ..scheduling import policy
from . import memory
from .block import BASELINE, ROOFS, Block, Variant
from .products import SQUARE, Product, Roof, flops
from .program import Problem, Program

GROUP = 6  # strategies that share one timing of the baseline, a fraction of a second apart
WARM_CALLS = 3


def measure(block: Block, say: Callable[..., None]) -> None:
    """Build, warm up and time all variants; one that can't be built is said and left out.

    Says "building" (variant), "built" or "failed" (variant, reason) for each, "timed" with all
    timings in seconds, and "machine".
    """
    order, clock = np.random.default_rng(block.process), clock_of(block.device)
    load_before = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    programs = dict(_build(block, order, clock, say))
    baselines = {v.setting: v for v in programs if v.strategy == BASELINE}
    roofs = _roofs(block, programs, clock, say)
    runners: dict[Any, Program | Roof] = {**programs, **roofs}
    gc.collect()
    gc.disable()
    try:
        for runner in runners.values():
            _warm_up(runner, block.warm_s)
        began, cpu = time.perf_counter(), time.process_time()
        rounds: list[list[dict[Any, tuple[float, float]]]] = []
        for round_ in range(block.rounds):
            for setting in order.permutation(np.arange(len(baselines))):
                baseline = list(baselines.values())[setting]
                others = [v for v in programs if v.setting == baseline.setting and v != baseline]
                rounds.append(
                    [
                        _time([*group, baseline], runners, order)
                        for group in _groups([*others, *roofs], order)
                    ]
                )
            say("round", number=round_ + 1)
        share = (time.process_time() - cpu) / (time.perf_counter() - began)
    finally:
        gc.enable()
    calls = calls_of(rounds)
    found = steps_of(rounds, runners, calls)
    say(
        "timed",
        timings=[[_name(key), pairs] for key, pairs in found.items()],
        calls=[[_name(key), seconds] for key, seconds in calls.items()],
    )
    say(
        "machine",
        load_before=load_before,
        load_after=os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan"),
        cpu_share=share,
        process_mb=memory.peak_mb(),
        cores=sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [],
        clock="core" if clock is time.process_time else "wall",
        policy=policy(),
        intra_op=int(os.environ.get("TF_NUM_INTRAOP_THREADS", "0")),
        inter_op=int(os.environ.get("TF_NUM_INTEROP_THREADS", "0")),
        tf32=tf.config.experimental.tensor_float_32_execution_enabled(),
        roof_flops={name: roof.flops for name, roof in roofs.items()},
        retraced=[_name(v) for v, program in programs.items() if program.traces != 1],
    )


def clock_of(device: str) -> Callable[[], float]:
    """What steps are timed with: on one core for itself, the time that the process had of it.

    It is the time that passes when nothing else runs, and others who want the core do not count;
    `cpu_share` says how far the two were apart. On a GPU, or without a core of its own, the clock
    on the wall.
    """
    pinned = hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) == 1
    return time.process_time if device == "cpu" and pinned else time.perf_counter


def _build(
    block: Block, order: np.random.Generator, clock: Callable[[], float], say: Callable[..., None]
) -> Iterator[tuple[Variant, Program]]:
    """In random order: what comes first may find the memory in another state."""
    problems: dict[str, Problem] = {}
    for xla in sorted({variant.xla for variant in block.variants}):
        _rehearse(xla)
    for variant in (block.variants[i] for i in order.permutation(len(block.variants))):
        say("building", variant=_name(variant))
        before = _device_bytes(block.device, "current")
        try:
            if variant.precision not in problems:
                problems[variant.precision] = Problem(
                    block.task, Path(block.data_dir), variant.precision
                )
            program = Program(
                problems[variant.precision],
                variant.strategy,
                xla=variant.xla,
                seeds=variant.seeds,
                clock=clock,
            )
            program.fit(block.call_s)
            device_mb = (_device_bytes(block.device, "peak") - before) / 2**20
            say("built", variant=_name(variant), device_mb=device_mb, **_about(program))
        except Exception as error:  # XLA refuses some models; the rest goes on
            say("failed", variant=_name(variant), reason=in_one_line(error))
            continue
        gc.freeze()  # it stays; the collections before the next ones need not look through it
        yield variant, program


def _rehearse(xla: bool) -> None:
    """Compile something: the first time costs once what no strategy is to blame for."""
    doubled = tf.function(
        lambda x: tf.vectorized_map(lambda row: 2 * row, x), jit_compile=xla, autograph=False
    )
    with contextlib.suppress(tf.errors.OpError):  # a strategy will say why there is no XLA
        doubled(tf.ones((2, 3)))


def _device_bytes(device: str, what: str) -> float:
    """Memory of the GPU that is in use, or its peak since this was last asked for the former."""
    if device != "gpu":
        return float("nan")
    if what == "current":
        tf.config.experimental.reset_memory_stats("GPU:0")
    return float(tf.config.experimental.get_memory_info("GPU:0")[what])


def _about(program: Program) -> dict[str, Any]:
    """What is known of a program before it is timed."""
    try:
        work = flops(program.products)
    except ValueError:  # a shape that is not static
        work = float("nan")
    return {
        "trace_s": program.trace_s,
        "compile_s": program.compile_s,
        "memory_mb": program.memory_mb,
        "flops": work,
        "steps": program.steps,
        "parameters": program.parameters,
        "losses": program.losses,
        "batch": program.batch,
    }


def _roofs(
    block: Block,
    programs: dict[Variant, Program],
    clock: Callable[[], float],
    say: Callable[..., None],
) -> dict[str, Roof]:
    """Plain products of the shapes of the baseline's step, and a large square one."""
    plain = [v for v in programs if v.strategy == BASELINE and v.seeds == 1]
    side = SQUARE[block.device]
    roofs = {}
    try:
        for variant in plain[:1]:
            found = programs[variant].products
            if found:
                roofs[ROOFS[0]] = Roof(found, max(programs[v].steps for v in plain), clock)
        roofs[ROOFS[1]] = Roof(Counter([Product(1, side, side, side)]), 1, clock)
    except (ValueError, tf.errors.OpError) as error:  # too large for the memory that is left
        say("remark", text=f"the machine's peak was not measured: {in_one_line(error)}")
    return roofs


def _warm_up(runner: Program | Roof, seconds: float) -> None:
    until = time.perf_counter() + seconds
    for call in itertools.count(1):
        runner.sample()
        if call >= WARM_CALLS and time.perf_counter() >= until:
            return


def _groups(members: Sequence[Any], order: np.random.Generator) -> Iterator[list[Any]]:
    shuffled = [members[i] for i in order.permutation(len(members))]
    for at in range(0, max(1, len(shuffled)), GROUP):
        yield shuffled[at : at + GROUP]


def _time(
    members: list[Any], runners: dict[Any, Any], order: np.random.Generator
) -> dict[Any, tuple[float, float]]:
    """Sample a group in random order; the last of them is its baseline."""
    found = {members[i]: runners[members[i]].sample() for i in order.permutation(len(members))}
    return {member: found[member] for member in members}


def calls_of(rounds: Sequence[Sequence[dict[Any, tuple[float, float]]]]) -> dict[Any, float]:
    """Seconds of a call of no steps: the median over all rounds.

    It is about a millisecond whatever the strategy, and steady; a single one, taken off the call
    beside it, would add its noise to the step's.
    """
    empty: dict[Any, list[float]] = {}
    for group in itertools.chain.from_iterable(rounds):
        for key, (nothing, _) in group.items():
            empty.setdefault(key, []).append(nothing)
    return {key: float(np.median(found)) for key, found in empty.items()}


def steps_of(
    rounds: Sequence[Sequence[dict[Any, tuple[float, float]]]],
    runners: dict[Any, Any],
    calls: dict[Any, float],
) -> dict[Any, list[tuple[float, float]]]:
    """Seconds of a step of each member of a round, and of the baseline's in that round.

    A step is what a call takes beyond one of no steps, divided by their number. The baseline is
    timed in every group, the last of it, and the median of the round is what all are divided by: a
    single one would add its noise to every ratio of its group.

    Args:
        rounds: of groups, each member to its sample: seconds of an empty call and of one of
            `steps`.
        runners: member to what has `steps` and `seeds`.
        calls: of `calls_of`.
    """
    found: dict[Any, list[tuple[float, float]]] = {key: [] for key in runners}
    for groups in rounds:
        steps = [
            {
                key: (full - calls[key]) / (runners[key].steps * runners[key].seeds)
                for key, (_, full) in group.items()
            }
            for group in groups
        ]
        baseline = float(np.median([list(group.values())[-1] for group in steps]))
        for group in steps:
            for key, seconds in group.items():
                found[key].append((seconds, baseline))
    return found


def _name(key: Variant | str) -> list[Any] | str:
    return key if isinstance(key, str) else list(key)
