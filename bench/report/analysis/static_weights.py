"""The static-weights curve of a two-head task, and which strategies lie beyond it.

Static weights trace a curve between the two heads. A strategy that only moves along it is no
better than a choice of weights; one beyond it reaches what no static weights did.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ...statistics.intervals import t_intervals
from ...text.numbers import number
from ...text.words import enumerate_
from ..read.constant_weights import LABEL as BEST
from ..read.study import Study

BEYOND, INSIDE, ON = "beyond", "inside", "on the curve or not told from it"


def heads(study: Study, task: str) -> tuple[str, str] | None:
    """The metrics by which the two heads of a task are judged; None when it has not two."""
    names: dict[str, str] = {}
    for name in study.plan["tasks"][task]["metrics"]:  # the first of each head
        names.setdefault(name.partition("/")[0], name)
    return tuple(names.values()) if len(names) == 2 else None  # type: ignore[return-value]


def points(study: Study, task: str) -> pd.DataFrame | None:
    """Both metrics of the curve's runs that finished, in the order of their weights.

    Returns:
        Index (label, seed), the labels in the order of the plan; None for fewer than two points.
    """
    axes, labels = heads(study, task), study.static_weights_labels.get(task, [])
    rows = study.static_weights
    rows = rows[(rows["task"] == task) & rows["label"].isin(labels) & (rows["status"] == "ok")]
    if axes is None:
        return None
    columns = [f"metric/{name}/test" for name in axes]
    if not set(columns) <= set(rows):
        return None
    rows = rows.drop_duplicates(["label", "seed"], keep="last").dropna(subset=columns)
    if rows["label"].nunique() < 2:
        return None
    table = rows.set_index(["label", "seed"])[columns].set_axis(list(axes), axis=1)
    there = table.index.unique("label")
    return table.reindex([label for label in labels if label in there], level="label")


def excess(point: np.ndarray, curve: np.ndarray, units: np.ndarray) -> float:
    """How far a point lies beyond a piecewise linear curve, both higher-is-better.

    min over c on the curve of max over heads of (p - c) / unit: what has to be taken off both
    heads until some static weights are as good in both. Above 0 no point of the curve is;
    below 0 one is better in both by so much.

    Args:
        point: (2,)
        curve: (n, 2), neighbours joined by lines.
        units: (2,), above 0: what one unit of excess is in each head.

    >>> excess(np.array([0.5, 1.0]), np.array([[0.0, 1.0], [1.0, 0.0]]), np.ones(2))
    0.25
    """
    gap = (point - curve) / units
    a, b = gap[:-1], gap[1:]
    # On a segment both gaps are linear: their maximum is least at an end or where they cross.
    slope = (b - a)[:, 0] - (b - a)[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.clip((a[:, 1] - a[:, 0]) / slope, 0, 1)
    t = np.where(np.isfinite(t), t, 0)[:, None]
    return float(np.min(np.concatenate([gap, a + t * (b - a)]).max(axis=1)))


def beyond(study: Study, task: str, points: pd.DataFrame) -> pd.DataFrame | None:
    """The excess of each strategy over the curve of the same seed.

    In shares of the range that the mean curve covers in each head. The curve of a seed is as
    noisy as a strategy, and the best of several noisy points lies outside their mean: a strategy
    that equals one of them gets an excess just below 0. "Beyond" is therefore on the safe side.

    Args:
        points: of `points`.

    Returns:
        One row per label with two seeds or more: `pairs`, `difference` (the excess), `low`,
        `high` (95 % t interval) and `place`, BEYOND or INSIDE where the interval excludes 0, else
        ON. None where there is nobody to hold against the curve.
    """
    signs = [1.0 if study.metrics(task)[name]["higher_is_better"] else -1.0 for name in points]
    points = points * signs
    means = points.groupby(level="label", sort=False).mean()
    spans = (means.max() - means.min()).to_numpy()
    units = np.where(spans > 0, spans, 1.0)
    curves = {
        seed: of_seed.to_numpy()
        for seed, of_seed in points.groupby(level="seed")
        if len(of_seed) == len(means)  # a curve with a gap is another curve
    }
    columns = [f"metric/{name}/test" for name in points]
    runs = study.outcomes(task)
    runs = runs[runs["label"] != BEST]  # a point of the curve
    runs = runs[(runs["status"] == "ok") & runs["seed"].isin(list(curves))].dropna(subset=columns)
    values = runs[columns].to_numpy() * signs
    amounts = [
        excess(value, curves[seed], units) for value, seed in zip(values, runs["seed"], strict=True)
    ]
    table = runs.assign(excess=amounts).pivot(index="seed", columns="label", values="excess")
    found = t_intervals(table.reindex(columns=[x for x in study.labels if x in table]))
    found = found[found["pairs"] > 1]
    found["place"] = np.select([found["low"] > 0, found["high"] < 0], [BEYOND, INSIDE], ON)
    return found if len(found) else None


def sentence(table: pd.DataFrame) -> str:
    """Who lies beyond the curve, in words, from the table of `beyond`."""
    best = table[table["place"] == BEYOND].sort_values("difference", ascending=False)
    tail = (
        "The excess is a share of the range of the curve, taken per seed against the curve of the "
        "same seed; the intervals are not corrected for the number of strategies."
    )
    if best.empty:
        return (
            f"None of {len(table)} strategies lies beyond the static-weights curve with a 95 % "
            f"interval that excludes 0. {tail}"
        )
    names = [f"{label} by {_percent(row)}" for label, row in best.iterrows()]
    return f"Beyond the static-weights curve: {enumerate_(names)}. {tail}"


def _percent(row: pd.Series) -> str:
    low, high = (number(100 * row[key], 1, signed=True) for key in ("low", "high"))
    return f"{number(100 * row['difference'], 1, signed=True)} % [{low}, {high}]"


def weights(label: str) -> str:
    """The weights of a point of the curve as they stand beside it.

    >>> weights("weighted(weights=(0.25, 0.75))")
    '0.25 : 0.75'
    """
    found = re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", label)
    return " : ".join(f"{float(text):g}" for text in found)


def notes(study: Study) -> list[str]:
    """Points of a curve that are missing."""
    missing = []
    for task, labels in study.static_weights_labels.items():
        rows = study.static_weights
        rows = rows[(rows["task"] == task) & (rows["status"] == "ok")]
        there = set(rows["label"]) & set(labels)
        if len(there) < len(labels):
            missing.append(f"{task} ({len(there)} of {len(labels)} points)")
    if not missing:
        return []
    names = enumerate_(missing)
    return [f"The static-weights curve lacks points, and bends where they are: {names}."]
