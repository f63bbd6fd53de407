"""Runs whose losses have grown out of proportion: judged from the record, after the last step.

    bound_k = 10 * scale_k,   scale_k = max(|l_k at the start|, l_k of the best constant predictor)

A loss above its bound is no failure by itself. A divergence term, a penalty or a commitment loss
starts near 0 and is meant to rise while the objective falls; others have a bad hour and recover. So
a step is bad where a loss is above its bound and the objective above its own scale too, and a run
has diverged when most steps of its last fifth are bad.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

GROWTH = 10.0  # a loss above this many times its scale is out of proportion
PATIENCE = 20  # steps in a row: fewer are odd batches
LATE = 0.2  # the last part of a run
TINY = 3e-4  # a start below this is rounding and no scale: the root of float32's precision


class Growth(NamedTuple):
    """What has grown, of each run.

    Attributes:
        spiked: (S,), whether 20 steps in a row were bad, ever.
        diverged: (S,), whether a run spiked and most of its last steps are bad.
        bad_step: (S,), the first of 20 bad steps in a row, else -1.
        reason: of each run that has diverged, else "".
    """

    spiked: np.ndarray
    diverged: np.ndarray
    bad_step: np.ndarray
    reason: list[str]


def judge(
    losses: np.ndarray,
    weights: np.ndarray,
    heads: Sequence[str],
    *,
    free: Sequence[bool],
    constant: Callable[[], np.ndarray],
) -> Growth:
    """Which runs have diverged though all their numbers are finite.

    Args:
        losses: (T, S, K), of every step; NaN where a loss was absent.
        weights: (T, S, K), with which they entered the step. A loss with weight 0 is no part of the
            objective, and the step does not count against it. A weight below 0 counts, and so does
            NaN, from a strategy that has none.
        heads: their names.
        free: (K,), the losses that are meant to rise, as those of nuisances: they are judged by
            finiteness alone.
        constant: the losses (K,) of the best constant predictor, NaN where unknown; asked for only
            where a loss has outgrown its start.
    """
    there = np.isfinite(losses)
    size = np.where(np.isnan(weights), 1.0, np.abs(weights))  # of the losses in the objective
    size = np.where(there & ~np.array(free), size, 0.0)
    known = np.where(there, losses, 0.0)
    scale = _scale(losses)
    bad = _bad(known, size, scale)
    if bad.any():
        scale = np.fmax(scale, np.abs(constant()))
        bad = _bad(known, size, scale)
    if not bad.any():
        runs = bad.shape[1]
        return Growth(*np.zeros((2, runs), bool), np.full(runs, -1), [""] * runs)
    # A loss that is absent, or has weight 0 while it is above its bound, says nothing in that step.
    first = _first(bad, (size == 0) & (~there | (known > GROWTH * scale)))
    late = max(1, round(LATE * len(bad)))
    share = bad[-late:].sum(axis=0) / np.maximum((size[-late:] > 0).sum(axis=0), 1)
    ended = (first < len(bad)) & (share > 0.5)
    bad_step = first.min(axis=1)
    spiked = bad_step < len(bad)
    return Growth(
        spiked,
        ended.any(axis=1),
        np.where(spiked, bad_step, -1),
        [
            _reason(known[-late:, run], scale[-1, run], of_run, heads)
            for run, of_run in enumerate(ended)
        ],
    )


def _scale(losses: np.ndarray) -> np.ndarray:
    """The size (T, S, K) that growth is measured by: of the first value of each loss, or of the
    lowest one where it has fallen further below 0 than that."""
    at = np.argmax(np.isfinite(losses), axis=0)
    start = np.abs(np.take_along_axis(losses, at[None], axis=0))
    return np.fmax(np.fmax(start, TINY), np.fmax.accumulate(-losses, axis=0))


def _bad(known: np.ndarray, size: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """(T, S, K): whether a loss is above its bound and the objective above its scale."""
    grown = (size * known).sum(axis=-1) > (size * scale).sum(axis=-1)
    return (size > 0) & (known > GROWTH * scale) & grown[..., None]


def _first(bad: np.ndarray, out: np.ndarray) -> np.ndarray:
    """(S, K), the first of 20 bad steps in a row, else T; those `out` neither count nor absolve."""
    steps = len(bad)
    run, since = np.zeros((2, *bad.shape[1:]), int)
    first = np.full(bad.shape[1:], steps)
    for step in range(steps):
        since = np.where(bad[step] & (run == 0), step, since)
        run = np.where(bad[step], run + 1, np.where(out[step], run, 0))
        first = np.where((run == PATIENCE) & (first == steps), since, first)
    return first


def _reason(late: np.ndarray, scale: np.ndarray, ended: np.ndarray, heads: Sequence[str]) -> str:
    """In words, of one run: its last losses (T, K), their scales (K,), and which have ended bad."""
    if not ended.any():
        return ""
    k = int(np.argmax(ended))
    return (
        f"loss {heads[k]} at {np.median(late[:, k]):.3g} in the last fifth of the run, beyond "
        f"{GROWTH:g} times its scale ({scale[k]:.3g})"
    )
