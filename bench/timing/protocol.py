"""How long and how often steps are timed; imports nothing heavy."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Protocol:
    """How long and how often.

    Attributes:
        processes: fresh ones, each with all variants of a block.
        rounds: in each process.
        call_s: seconds of a timed call.
        warm_s: of warming up each variant.
        part: strategies in a process at most: the memory of a process holds its programs.
        seeds: also time so many seeds at once; 0: one seed alone.
        jobs: processes at a time on the CPU, each pinned to a core of its own.
    """

    processes: int = 3
    rounds: int = 20
    call_s: float = 0.02
    warm_s: float = 0.1
    part: int = 21
    seeds: int = 0
    jobs: int = 1


FULL = Protocol(jobs=2)
QUICK = Protocol(processes=3, rounds=9, call_s=0.01, warm_s=0.0, jobs=2)
SCALING = Protocol(processes=1, rounds=7, call_s=0.02, warm_s=0.0)  # decades need no interval
