"""How steadily a cell trained: numbers per seed from the full record of its steps.

A seed that failed is judged by the steps before its first bad one; the failure itself is counted
elsewhere, as its status.
"""

from __future__ import annotations

import numpy as np

WINDOW = 50  # steps of the rolling median
STRIDE = 10  # steps for which one median serves
SIGMAS = 6.0  # of 1.4826 MAD above the median lies the bound of a spike
SUSTAINED = 4  # steps in a row above the bound: fewer are odd batches, not the weights
LEAST = 0.01  # of the run's range of the loss: what rises less is no spike
LATE = 0.2  # last part of a run
NORMAL = 1.4826  # SD of a normal variable over its MAD


def stability(
    losses: np.ndarray,
    norm: np.ndarray,
    bad_step: np.ndarray,
    validation: np.ndarray,
    higher_is_better: bool,
) -> dict[str, np.ndarray]:
    """All numbers of the run itself.

    Args:
        losses: (T, S, K), of every step.
        norm: (T, S), of the gradient of every step.
        bad_step: (S,), first bad step of a seed that failed, else -1.
        validation: (E, S), the primary metric, in the order of the evaluations.
        higher_is_better: its direction.

    Returns:
        Name to (S,); NaN where a number is not defined.
    """
    alive = np.arange(len(losses))[:, None] < np.where(bad_step < 0, len(losses), bad_step)
    losses = np.where(alive[..., None] & np.isfinite(losses), losses, np.nan)
    norm = np.where(alive & np.isfinite(norm), norm, np.nan)
    finished = bad_step < 0
    return {
        **spikes(losses),
        "late_fluctuation": np.where(finished, late_fluctuation(losses), np.nan),
        "regret": np.where(finished, regret(validation, higher_is_better), np.nan),
        **norm_spread(norm),
    }


def spikes(losses: np.ndarray) -> dict[str, np.ndarray]:
    """Spikes of any of the losses.

    bound = median + 6 * 1.4826 * MAD of the 50 steps before (renewed every 10 steps), and at least
    1 % of the run's 5 to 95 % range above the median. A spike is 4 or more steps in a row above
    the bound: batches with a few hard examples put single steps above it all the time (54 in a
    sound run of 1500 steps of the task `units`), and the weights are not to blame. On simulated
    batch noise, 1500 steps of two losses, the share of runs with a false spike is 0 for normal
    noise and Student's t(2), 2 % for a log-normal with sigma 1; with single steps it is 1 % and
    100 %. A spike lasts until the loss is back below the bound that held when it began; the rolling
    bound climbs into a long spike and would call a lasting jump recovered. Spikes of several losses
    that overlap are one.

    Args:
        losses: (T, S, K), NaN after a failure.

    Returns:
        `spikes` (S,), NaN when fewer than 4 steps have 50 before them; `spike_height`, the worst
        ratio of a loss to its rolling median, over medians above 0; `recovery_steps` of the slowest
        spike, counted to the end of the record when it never recovered: the worst decides whether a
        run can be trusted, and a median would hide it behind many short ones. The two are NaN
        without a spike.
    """
    steps, seeds, _ = losses.shape
    found = {name: np.full(seeds, np.nan) for name in ("spikes", "spike_height", "recovery_steps")}
    judged = np.isfinite(losses[WINDOW:]).any(axis=(0, 2))
    if steps < WINDOW + SUSTAINED or not judged.any():
        return found
    median, bound = _bounds(losses)
    later = losses[WINDOW:]
    above = later > bound
    run = len(later) - SUSTAINED + 1
    sustained = np.all([above[i : i + run] for i in range(SUSTAINED)], axis=0)
    found["spikes"][judged] = 0
    for seed in np.flatnonzero(sustained.any(axis=(0, 2))):
        begin, end, height = [], [], []
        for k in np.flatnonzero(sustained[:, seed].any(axis=0)):
            series, middle = later[:, seed, k], median[:, seed, k]
            for first, last in _episodes(series, bound[:, seed, k], sustained[:, seed, k]):
                begin.append(first)
                end.append(last)
                if middle[first] > 0:
                    height.append(np.nanmax(series[first:last]) / middle[first])
        found["spikes"][seed] = _groups(np.array(begin), np.array(end))
        found["recovery_steps"][seed] = np.max(np.subtract(end, begin))
        if height:
            found["spike_height"][seed] = np.max(height)
    return found


def late_fluctuation(losses: np.ndarray) -> np.ndarray:
    """MAD of the detrended log-loss over the last 20 % of the steps, mean over the losses.

    (S,). The trend is the least-squares line. Relative by the logarithm: 0.1 is a tenth of the
    loss. A loss that is 0 or below somewhere in that part has no logarithm and is left out; NaN
    when none is left. The mean and not the worst: the smallest loss has the largest relative noise
    from batch to batch, and would be the figure of every strategy alike.
    """
    part = losses[len(losses) - max(2, round(LATE * len(losses))) :]
    defined = (part > 0).all(axis=0)
    logs = np.log(np.where(defined, part, 1.0))
    time = np.arange(len(part)) - (len(part) - 1) / 2
    slope = np.tensordot(time, logs, 1) / np.sum(time**2)
    rest = logs - logs.mean(axis=0) - time[:, None, None] * slope
    mad = np.median(np.abs(rest - np.median(rest, axis=0)), axis=0)
    count = defined.sum(axis=1)
    return np.where(count > 0, np.where(defined, mad, 0).sum(axis=1) / np.maximum(count, 1), np.nan)


def regret(validation: np.ndarray, higher_is_better: bool) -> np.ndarray:
    """Best minus final value of the validation metric, (S,), oriented so that it is >= 0.

    What would have been gained by stopping at the right time. NaN where the last value is.
    """
    oriented = validation if higher_is_better else -validation
    oriented = np.where(np.isfinite(oriented), oriented, -np.inf)
    return oriented.max(axis=0) - np.where(np.isfinite(oriented[-1]), oriented[-1], np.nan)


def norm_spread(norm: np.ndarray) -> dict[str, np.ndarray]:
    """Spread of the gradient's norm (T, S) over the steps.

    Returns:
        `norm_cv`, SD over mean, and `norm_tail`, 99 % quantile over median, each (S,); NaN where
        fewer than two steps are finite or the gradient is always 0.
    """
    cv, tail = np.full((2, norm.shape[1]), np.nan)
    for seed, values in enumerate(norm.T):
        known = values[np.isfinite(values)].astype(float)
        if len(known) > 1 and known.any():
            cv[seed] = known.std(ddof=1) / known.mean()
            median, high = np.quantile(known, [0.5, 0.99])
            tail[seed] = high / median if median > 0 else np.nan
    return {"norm_cv": cv, "norm_tail": tail}


def _bounds(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rolling median and bound of a spike for the steps from WINDOW on, (T - WINDOW, S, K)."""
    steps = len(losses)
    windows = np.lib.stride_tricks.sliding_window_view(losses[:-1], WINDOW, axis=0)[::STRIDE]
    # A window with a NaN is one of a seed that has failed: all comparisons with it are False.
    median = np.median(windows, axis=-1)
    mad = np.median(np.abs(windows - median[..., None]), axis=-1)
    extent = np.full(losses.shape[1:], np.nan)
    known = np.isfinite(losses).any(axis=0)
    low, high = np.nanquantile(losses[:, known], [0.05, 0.95], axis=0)
    extent[known] = high - low
    rise = np.maximum(SIGMAS * NORMAL * mad, LEAST * extent)
    bound = np.repeat(median + rise, STRIDE, axis=0)[: steps - WINDOW]
    return np.repeat(median, STRIDE, axis=0)[: steps - WINDOW], bound


def _episodes(
    series: np.ndarray, bound: np.ndarray, sustained: np.ndarray
) -> list[tuple[int, int]]:
    """First step and the one after the last of each spike of one series."""
    found, at = [], 0
    starts = np.flatnonzero(sustained)
    while (next_ := np.searchsorted(starts, at)) < len(starts):
        first = int(starts[next_])
        back = ~(series[first:] > bound[first])  # a NaN ends it: the seed has failed
        at = first + int(np.argmax(back)) if back.any() else len(series)
        found.append((first, at))
    return found


def _groups(begin: np.ndarray, end: np.ndarray) -> int:
    """Number of groups of overlapping intervals [begin, end)."""
    order = np.argsort(begin, kind="stable")
    reached = np.maximum.accumulate(end[order])
    return 1 + int(np.sum(begin[order][1:] >= reached[:-1]))
