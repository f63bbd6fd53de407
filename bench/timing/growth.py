"""How the cost of a step grows with the number of losses and of parameters."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from . import reference
from .measure import PRECISIONS, Progress, Protocol, measure, unmeasured, variants_of

LOSSES = (1, 2, 4, 8, 16, 32)
PARAMETERS = (10_000, 100_000, 1_000_000, 10_000_000)
CLASSES = ("sum", "mgda", "graddrop")  # one of each contract: loss, gram, gradient
NAME = "growth.parquet"
SHORT = Protocol(processes=1, rounds=7, call_s=0.02, warm_s=0.0)
COPIES = 4  # of every gradient that a step holds at once: itself, joined, multiplied, result


def grow(
    *,
    losses: Sequence[int] = LOSSES,
    parameters: Sequence[int] = PARAMETERS,
    strategies: Sequence[str] = CLASSES,
    xla: Sequence[bool] = (False, True),
    devices: Sequence[str] = ("cpu",),
    protocol: Protocol = SHORT,
    data_dir: Path,
    memory: float | None = None,
    on_progress: Progress = lambda text, share: None,
    on_rows: Callable[[pd.DataFrame], object] = lambda rows: None,
) -> pd.DataFrame:
    """Time one strategy of each contract over numbers of losses and parameters.

    Args:
        losses, parameters: the grid; a point that needs too much memory is skipped and says so.
        protocol: with one process the ratios have no interval: the growth is over decades.
        memory: bytes that a point may need; default: half of the machine's.
        on_progress: told what happens and the share of the points that are done.
        on_rows: told the rows of every finished point, so that they can be kept.

    Returns:
        Rows of `measure`, with `wanted` parameters, the point of the grid.
    """
    memory = physical() / 2 if memory is None else memory
    points = [(number, size) for size in parameters for number in losses]
    made = []
    for i, (number, size) in enumerate(points):
        name = f"grown_{number}_{reference.width_of(size, number)}"
        needs = bytes_of(number, size)
        if needs > memory:
            reason = f"needs about {needs / 2**30:.1f} GiB, half of the memory is less"
            on_progress(f"{number} losses, {size:.0e} parameters: skipped, {reason}", math.nan)
            variants = variants_of(strategies, xla, PRECISIONS[:1], 0)
            rows = pd.DataFrame(
                row
                for device in devices
                for row in unmeasured(strategies, [name], device, variants, "skipped", reason)
            )
        else:
            rows = measure(
                strategies,
                [name],
                xla=xla,
                devices=devices,
                precisions=PRECISIONS[:1],
                protocol=protocol,
                data_dir=data_dir,
                on_progress=_part_of(on_progress, i, len(points)),
            )
        rows = rows.assign(wanted=size, losses=number)
        made.append(rows)
        on_rows(rows)
    return pd.concat(made, ignore_index=True)


def bytes_of(losses: int, parameters: int) -> float:
    """Memory of a step, roughly: weights and moments twice, and the gradients of all losses."""
    return 4.0 * parameters * (2 * 3 + COPIES * losses)


def physical() -> float:
    """Bytes of memory of this machine; infinite where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (ValueError, OSError, AttributeError):
        return math.inf


def _part_of(on_progress: Progress, number: int, total: int) -> Progress:
    def told(text: str, share: float) -> None:
        on_progress(text, share if math.isnan(share) else (number + share) / total)

    return told
