"""What one process is asked to time; imports nothing heavy."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

ROOFS = ("same shapes", "square")  # plain products that stand beside the strategies


class Variant(NamedTuple):
    """One thing to time. A `strategy` is a call that makes it; its label is for people."""

    strategy: str
    xla: bool
    precision: str
    seeds: int

    @property
    def setting(self) -> tuple[bool, str, int]:
        """What it shares with the baseline that it is divided by."""
        return self.xla, self.precision, self.seeds


@dataclasses.dataclass(frozen=True)
class Block:
    """What one process measures.

    Attributes:
        task: what `reference.get` takes.
        variants: the baseline of every setting among them.
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
