"""One fresh process's share of a measurement: all variants of a task, timed in turn."""

from __future__ import annotations

import gc
import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ..machine.scheduling import own_cores, policy
from ..plan.baselines import BASELINE
from . import memory
from .block import Block
from .build import build, clock_of, roofs_of
from .flops import Roof
from .program import Program

GROUP = 6  # strategies that share one timing of the baseline, a fraction of a second apart
WARM_CALLS = 3


def measure(block: Block, say: Callable[..., None]) -> None:
    """Build, warm up and time all variants; one that can't be built is refused and left out.

    Says "building" (variant), "built" or "refused" (variant, reason) for each, "timed" with all
    timings in seconds, and "machine".
    """
    order, clock = np.random.default_rng(block.process), clock_of(block.device)
    load_before = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    programs = dict(build(block, order, clock, say))
    baselines = {v.conditions: v for v in programs if v.strategy == BASELINE}
    roofs = roofs_of(block, programs, clock, say)
    runners: dict[Any, Program | Roof] = {**programs, **roofs}
    gc.collect()
    gc.disable()
    try:
        for runner in runners.values():
            _warm_up(runner, block.warm_s)
        began, cpu = time.perf_counter(), time.process_time()
        rounds: list[list[dict[Any, tuple[float, float]]]] = []
        for round_ in range(block.rounds):
            for number in order.permutation(np.arange(len(baselines))):
                conditions, baseline = list(baselines.items())[number]
                others = [v for v in programs if v.conditions == conditions and v != baseline]
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
    ones = ones_of(rounds)
    found = steps_of(rounds, runners, ones)
    calls = {
        key: ones[key] - runners[key].seeds * float(np.median([step for step, _ in pairs]))
        for key, pairs in found.items()
    }
    say("timed", timings=list(found.items()), calls=list(calls.items()))
    say(
        "machine",
        load_before=load_before,
        load_after=os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan"),
        cpu_share=share,
        process_mb=memory.peak_mb(),
        cores=own_cores(),
        clock="core" if clock is time.process_time else "wall",
        policy=policy(),
        intra_op=int(os.environ.get("TF_NUM_INTRAOP_THREADS", "0")),
        inter_op=int(os.environ.get("TF_NUM_INTEROP_THREADS", "0")),
        tf32=tf.config.experimental.tensor_float_32_execution_enabled(),
        roof_flops={name: roof.flops for name, roof in roofs.items()},
        retraced=[v for v, program in programs.items() if program.traces != 1],
    )


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


def ones_of(rounds: Sequence[Sequence[dict[Any, tuple[float, float]]]]) -> dict[Any, float]:
    """Seconds of a call of one step: the median over all rounds.

    It is steady; a single one, taken off the call beside it, would add its noise to the step's.
    """
    ones: dict[Any, list[float]] = {}
    for group in itertools.chain.from_iterable(rounds):
        for key, (one, _) in group.items():
            ones.setdefault(key, []).append(one)
    return {key: float(np.median(found)) for key, found in ones.items()}


def steps_of(
    rounds: Sequence[Sequence[dict[Any, tuple[float, float]]]],
    runners: dict[Any, Any],
    ones: dict[Any, float],
) -> dict[Any, list[tuple[float, float]]]:
    """Seconds of a step of each member of a round, and of the baseline's in that round.

    A step is what a call takes beyond one of one step, divided by the steps that it has more: what
    a call costs once goes, its memory that is touched for the first time with it. The baseline is
    timed in every group, the last of it, and the median of the round is what all are divided by: a
    single one would add its noise to every ratio of its group.

    Args:
        rounds: of groups, each member to its sample: seconds of a call of one step and of one
            of `steps` more.
        runners: member to what has `steps` and `seeds`.
        ones: of `ones_of`.
    """
    found: dict[Any, list[tuple[float, float]]] = {key: [] for key in runners}
    for groups in rounds:
        steps = [
            {
                key: (full - ones[key]) / (runners[key].steps * runners[key].seeds)
                for key, (_, full) in group.items()
            }
            for group in groups
        ]
        baseline = float(np.median([list(group.values())[-1] for group in steps]))
        for group in steps:
            for key, seconds in group.items():
                found[key].append((seconds, baseline))
    return found
