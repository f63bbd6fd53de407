"""How the cost of a step grows with the number of losses and of parameters."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from . import problems
from .block import PRECISIONS, variants_of
from .measure import Progress, measure, unmeasured
from .protocol import SCALING, Protocol

LOSSES = (1, 2, 4, 8, 16, 32)
PARAMETERS = (10_000, 100_000, 1_000_000, 10_000_000)
CLASSES = ("sum", "mgda", "graddrop")  # one of each contract: loss, gram, gradient
COPIES = 4  # of every gradient that a step holds at once: itself, joined, multiplied, result


def measure_grid(
    *,
    losses: Sequence[int] = LOSSES,
    parameters: Sequence[int] = PARAMETERS,
    strategies: Sequence[str] = CLASSES,
    xla: Sequence[bool] = (False, True),
    devices: Sequence[str] = ("cpu",),
    protocol: Protocol = SCALING,
    data_dir: Path,
    memory: float | None = None,
    on_progress: Progress = lambda text, share: None,
    on_rows: Callable[[pd.DataFrame], object] = lambda rows: None,
) -> pd.DataFrame:
    """Time one strategy of each contract over numbers of losses and parameters.

    The whole grid takes about ten minutes on one core.

    Args:
        losses, parameters: the grid; a point that needs too much memory is skipped and says so.
        protocol: with one process the ratios have no interval: cost differs by decades.
        memory: bytes that a point may need; default: half of the machine's, shared by the jobs.
        on_progress: told what happens and the share of the work that is done.
        on_rows: told the rows of each number of parameters, so that they can be kept.

    Returns:
        Rows of `measure`, with `wanted`: the parameters of the grid's point.
    """
    memory = physical() / 2 / protocol.jobs if memory is None else memory
    made = []
    for i, size in enumerate(parameters):
        names = {f"grown_{number}_{problems.width_of(size, number)}": number for number in losses}
        small = [name for name, number in names.items() if bytes_of(number, size) <= memory]
        skipped = []
        for name in names.keys() - small:
            reason = (
                f"needs about {bytes_of(names[name], size) / 2**30:.1f} GiB of memory; "
                f"{memory / 2**30:.1f} may be used"
            )
            on_progress(f"{names[name]} losses, {size:.0e} parameters: {reason}", math.nan)
            variants = variants_of(strategies, xla, PRECISIONS[:1], 0)
            for device in devices:
                skipped += unmeasured(strategies, [name], device, variants, "skipped", reason)
        timed = measure(
            strategies,
            small,
            xla=xla,
            devices=devices,
            precisions=PRECISIONS[:1],
            protocol=protocol,
            data_dir=data_dir,
            on_progress=_part_of(on_progress, i, len(parameters)),
        )
        rows = pd.concat([frame for frame in (timed, pd.DataFrame(skipped)) if len(frame)])
        rows = rows.assign(wanted=size, losses=rows["task"].map(names))
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
