"""What a process times: the programs of its block, and the plain products beside them."""

from __future__ import annotations

import contextlib
import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ...strategies.core.plugins import in_one_line
from ..machine.scheduling import own_cores
from ..plan.baselines import BASELINE
from .block import ROOFS, Block, Variant
from .flops import SQUARE, Product, Roof, flops
from .precision import Problem
from .program import Program


def build(
    block: Block, order: np.random.Generator, clock: Callable[[], float], say: Callable[..., None]
) -> Iterator[tuple[Variant, Program]]:
    """The programs of a block, in random order; what cannot be built is refused."""
    problems: dict[str, Problem] = {}
    for xla in sorted({variant.xla for variant in block.variants}):
        _rehearse(xla)
    for variant in (block.variants[i] for i in order.permutation(len(block.variants))):
        say("building", variant=variant)
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
            say("built", variant=variant, device_mb=device_mb, **_about(program))
        except Exception as error:  # XLA refuses some models; the rest goes on
            say("refused", variant=variant, reason=in_one_line(error))
            continue
        gc.freeze()  # it stays; the collections before the next ones need not look through it
        yield variant, program


def roofs_of(
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


def clock_of(device: str) -> Callable[[], float]:
    """What steps are timed with: on one core for itself, the time that the process had of it.

    It is the time that passes when nothing else runs, and others who want the core do not count;
    `cpu_share` says how far the two were apart. On a GPU, or without a core of its own, the clock
    on the wall.
    """
    pinned = len(own_cores()) == 1
    return time.process_time if device == "cpu" and pinned else time.perf_counter


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
