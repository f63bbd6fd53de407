"""From the timings of several processes to one row per (label, task, device, xla, precision)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..plan.baselines import BASELINE
from ..statistics.intervals import t_half_width
from ..store.schema import TIME_NUMBERS
from .block import ROOFS, Variant
from .remarks import words

if TYPE_CHECKING:
    from .processes import Answer


def rows(answers: Iterable[Answer], labels: dict[str, str]) -> list[dict[str, Any]]:
    """One row per variant with one seed; what several seeds cost stands in columns of their own.

    The ratio of a process is the median, over its rounds, of a step's time over that of `sum` in
    the same group of a round. Between processes the ratio is the geometric mean, its interval
    Student's t of the logarithms of the processes' ratios: processes differ by more than their
    rounds do, so they are the unit. `spread` is half the range of the processes' ratios, in
    percent.

    Args:
        answers: of one task and device.
        labels: of each strategy that was asked for, by the call that makes it.
    """
    answers = list(answers)
    by_variant: dict[Variant, list[Answer]] = defaultdict(list)
    for answer in answers:
        for variant in answer.block.variants:
            by_variant[variant].append(answer)
    made = {v: _row(v, found, labels[v.strategy]) for v, found in by_variant.items()}
    for variant, row in made.items():
        if variant.seeds > 1 and (one := made.get(variant._replace(seeds=1))):
            one |= {"seeds": variant.seeds, "seed_us": row["us"], "seed_ratio": row["ratio"]}
            if row["status"] != "ok":
                one["words"] = _join(one["words"], f"{variant.seeds} seeds: {row['reason']}")
    for variant, row in made.items():
        if variant.xla and (plain := made.get(variant._replace(xla=False))):
            row["break_even"] = break_even(plain, row)
    return [row for variant, row in made.items() if variant.seeds == 1]


def blank(
    variant: Variant, label: str, task: str, device: str, status: str, reason: str = ""
) -> dict[str, Any]:
    """A row without figures, as it is for what was not timed."""
    return dict.fromkeys(TIME_NUMBERS, math.nan) | {
        "label": label,
        "strategy": label.partition("(")[0],
        "task": task,
        "device": device,
        "xla": "on" if variant.xla else "off",
        "precision": variant.precision,
        "status": status,
        "reason": reason,
        "words": "",
    }


def _row(variant: Variant, answers: Sequence[Answer], label: str) -> dict[str, Any]:
    block = answers[0].block
    row = blank(variant, label, block.task, block.device, "ok")
    timed = [answer for answer in answers if answer.timings.get(variant)]
    if not timed:
        reasons = [answer.failed[variant] for answer in answers if variant in answer.failed]
        reason = reasons[0] if reasons else f"{BASELINE} could not be timed under these conditions"
        return row | {"status": "failed", "reason": reason}
    medians = [_medians(answer.timings[variant]) for answer in timed]
    about = [answer.built[variant] for answer in timed]
    row |= {key: _middle(found[key] for found in about) for key in about[0]}
    row |= {key: int(row[key]) for key in ("losses", "parameters", "batch")}
    row["memory_mb"] = max(found["memory_mb"] for found in about)
    row |= interval([ratio for _, ratio in medians])
    row["us"] = _middle(1e6 * seconds for seconds, _ in medians)
    row["call_us"] = _middle(1e6 * answer.calls[variant] for answer in timed)
    row["rounds"] = min(answer.block.rounds for answer in timed)
    row |= _shares(row["flops"] / row["us"] / 1e3, timed)
    machines = [answer.machine for answer in timed]
    row["load_before"] = max(machine["load_before"] for machine in machines)
    row["load_after"] = max(machine["load_after"] for machine in machines)
    row["cpu_share"] = min(machine["cpu_share"] for machine in machines)
    row["process_mb"] = max(machine["process_mb"] for machine in machines)
    row["words"] = words(row, [remark for answer in timed for remark in answer.remarks])
    if any(list(variant) in machine["retraced"] for machine in machines):
        row["words"] = _join(row["words"], "its loop was traced more than once")
    return row


def _medians(timings: list[list[float]]) -> tuple[float, float]:
    """Seconds of a step, and its ratio to the baseline's."""
    found = np.array(timings)
    return float(np.median(found[:, 0])), float(np.median(found[:, 0] / found[:, 1]))


def _middle(values: Iterable[float]) -> float:
    """The median of those that are known."""
    known = [value for value in values if not math.isnan(value)]
    return float(np.median(known)) if known else math.nan


def interval(ratios: Sequence[float]) -> dict[str, float]:
    """The ratio of several processes: geometric mean, t interval of the logarithms, spread.

    Example:
        >>> {k: round(v, 3) for k, v in interval([1.0, 1.02, 1.04]).items()}["ratio"]
        1.02
    """
    logs = np.log(ratios)
    n = len(logs)
    sd = float(np.std(logs, ddof=1)) if n > 1 else math.nan
    half = float(t_half_width(sd, n))
    return {
        "ratio": float(np.exp(logs.mean())),
        "ratio_low": float(np.exp(logs.mean() - half)),
        "ratio_high": float(np.exp(logs.mean() + half)),
        "ratio_sd": sd,
        "spread": 50 * (max(ratios) - min(ratios)) / float(np.exp(logs.mean()))
        if n > 1
        else math.nan,
        "processes": n,
    }


def break_even(plain: dict[str, Any], compiled: dict[str, Any]) -> float:
    """Steps after which XLA has saved what tracing and compiling with it took longer.

    Infinite when a step is not faster with it, 0 when compiling is not slower; NaN when either was
    not timed.
    """
    saving = 1e-6 * (plain["us"] - compiled["us"])
    extra = sum(compiled[key] - plain[key] for key in ("trace_s", "compile_s"))
    if math.isnan(saving) or math.isnan(extra):
        return math.nan
    return max(0.0, extra) / saving if saving > 0 else math.inf


def _shares(gflops: float, timed: Sequence[Answer]) -> dict[str, float]:
    """The rate of a step beside those of plain products, medians over processes."""
    found = {"gflops": gflops}
    for roof, (rate, share) in zip(
        ROOFS, (("shapes_gflops", "share"), ("square_gflops", "square_share")), strict=True
    ):
        rates = [
            answer.machine["roof_flops"][roof] / _medians(answer.timings[roof])[0] / 1e9
            for answer in timed
            if answer.timings.get(roof)
        ]
        found[rate] = _middle(rates)
        found[share] = gflops / found[rate]
    return found


def _join(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
