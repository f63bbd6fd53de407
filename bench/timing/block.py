"""What one process is asked to time; imports nothing heavy."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..plan.baselines import BASELINE
from .protocol import Protocol

ROOFS = ("same shapes", "square")  # plain products that stand beside the strategies
PRECISIONS = ("float32", "mixed")


class Variant(NamedTuple):
    """One thing to time. A `strategy` is a call that makes it; its label is for people."""

    strategy: str
    xla: bool
    precision: str
    seeds: int

    @property
    def conditions(self) -> tuple[bool, str, int]:
        """What it shares with the baseline that it is divided by."""
        return self.xla, self.precision, self.seeds


@dataclasses.dataclass(frozen=True)
class Block:
    """What one process measures.

    Attributes:
        task: what `problems.get` takes.
        variants: the baseline under all conditions among them.
        device: "cpu" or "gpu".
        data_dir: folder of prepared data.
        rounds: in each, everything is timed once, in random order.
        call_s, warm_s: seconds of a timed call and of warming up, of each variant.
        process: number of this repetition; seeds the order.
    """

    task: str
    variants: tuple[Variant, ...]
    device: str
    data_dir: str
    rounds: int
    call_s: float
    warm_s: float
    process: int

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Block:
        """As it travels to the process."""
        return cls(**{**content, "variants": tuple(Variant(*v) for v in content["variants"])})


def variants_of(
    strategies: Sequence[str], xla: Sequence[bool], precisions: Sequence[str], seeds: int
) -> list[Variant]:
    """All combinations, each with one seed and with `seeds` at once where that is more."""
    return [
        Variant(name, compiled, precision, together)
        for name in strategies
        for compiled in xla
        for precision in precisions
        for together in (1, seeds)[: 1 + (seeds > 1)]
    ]


def split(
    problems: Sequence[str],
    device: str,
    variants: Sequence[Variant],
    protocol: Protocol,
    data_dir: Path,
) -> Iterator[Block]:
    """Blocks of at most `part` strategies, the baseline in each of them."""
    names = list(dict.fromkeys(v.strategy for v in variants if v.strategy != BASELINE))
    count = max(1, math.ceil(len(names) / protocol.part))
    parts = [{BASELINE, *names[i::count]} for i in range(count)]
    for process, problem, part in itertools.product(range(protocol.processes), problems, parts):
        yield Block(
            problem,
            tuple(v for v in variants if v.strategy in part),
            device,
            str(data_dir),
            protocol.rounds,
            protocol.call_s,
            protocol.warm_s,
            process,
        )
