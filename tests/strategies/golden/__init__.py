"""Golden answers: 66 Jacobians, 2219 answers of several sources, 53 stateful sequences.

`golden.json.gz` holds, per record, a Jacobian's name (`case`), the `aggregator` with its `params`,
the `expected` direction, sometimes `weights`, and `dev`: the relative deviation from a second,
independent computation. Records named `*_exact` were made with 60 decimal digits. A record is used
where its own `dev` is below the tolerance of the test; the others document faults of their source.
"""

from __future__ import annotations

import functools
import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np


@functools.cache
def load() -> dict[str, Any]:
    with gzip.open(Path(__file__).with_name("golden.json.gz"), "rt") as file:
        return json.load(file)


def jacobian(case: str) -> np.ndarray:
    return np.array(load()["jacobians"][case]["J"])


def kind(case: str) -> str:
    """normal, correlated, conflict, scaled, zero_row, colinear or opposite."""
    return load()["jacobians"][case]["kind"]


def records(aggregator: str, tolerance: float = np.inf, **params: Any) -> list[dict[str, Any]]:
    """Records of an aggregator with these parameters whose own deviation is below `tolerance`.

    What has no deviation is either one of the answers with 60 digits ("own: ..."), or an answer of
    a source for a case without one (FairGrad on opposite rows): the latter never binds.
    """
    return [
        record
        for record in load()["records"]
        if record["aggregator"] == aggregator
        and params.items() <= record["params"].items()
        and record.get("dev", 0.0 if record["source"].startswith("own") else np.inf) < tolerance
        and not record.get("degenerate")
    ]


def by_shape(some: list[dict[str, Any]]) -> dict[tuple[int, int], list[dict[str, Any]]]:
    """Records grouped by (K, P), so that one compiled function serves each group."""
    groups = defaultdict(list)
    for record in some:
        groups[record["m"], record["n"]].append(record)
    return dict(groups)


def sequence(method: str) -> dict[str, Any]:
    """The sequence of a stateful method: `params` and `steps`."""
    (found,) = (item for item in load()["sequences"] if item["method"] == method)
    return found


def deviation(direction: np.ndarray, expected: np.ndarray, gradients: np.ndarray) -> float:
    """|direction - expected| / |expected|, or over the longest gradient where expected is ~ 0."""
    longest = np.linalg.norm(gradients, axis=1).max()
    length = np.linalg.norm(expected)
    if length <= 1e-12 * longest:
        length = longest
    return float(np.linalg.norm(direction - expected) / length) if length > 0 else 0.0
