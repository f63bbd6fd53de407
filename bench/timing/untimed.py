"""What `lossbench run` times beside its cells: steps on the CPU, quickly, and only what is new."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ...strategies.core import registry
from ..machine import environment
from . import times
from .measure import Progress, code_of, measure
from .problems import DEFAULT
from .protocol import QUICK

PROBLEM = DEFAULT[0]


def untimed(directory: Path, strategies: Sequence[str]) -> list[str]:
    """Strategies whose steps are not in a results folder, timed with today's code.

    Args:
        directory: the results folder.
        strategies: what `strategies.get` takes.

    Raises:
        ValueError: the folder's table can't be read.
    """
    there = set()
    if (known := times.read(directory)) is not None:
        known = known[(known["task"] == PROBLEM) & (known["device"] == "cpu")]
        there = set(zip(known["label"], known["xla"], known["code"], strict=True))
    return [
        name
        for name in strategies
        for label in [registry.label(registry.get(name))]
        if not {(label, xla, code_of(name)) for xla in ("off", "on")} <= there
    ]


def measure_untimed(
    directory: Path, strategies: Sequence[str], data_dir: Path, on_progress: Progress
) -> pd.DataFrame:
    """Time strategies on the reference model with two losses, XLA off and on, into times.parquet.

    Args:
        directory: the results folder.
        strategies: what `strategies.get` takes.
        data_dir: folder of prepared data.
        on_progress: told what happens and the share of the work that is done, from threads.

    Returns:
        The rows of `measure`.
    """
    rows = measure(
        strategies,
        [PROBLEM],
        protocol=dataclasses.replace(QUICK, jobs=min(QUICK.jobs, environment.cores())),
        data_dir=data_dir,
        on_progress=on_progress,
    )
    times.merge(directory, rows)
    return rows
