"""The conflict of the losses: cosines of their gradients by the shared parameters, in training."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...store.schema import COSINE
from ..read.study import Study


def columns(study: Study, task: str) -> Mapping[str, str]:
    """What is read of the series, and the pair of losses that it is of: "a / b"."""
    heads = [
        head["name"]
        for head in study.plan["tasks"][task].get("heads", ())
        if head["kind"] != "regulariser"
    ]
    return {f"{COSINE}{a}/{b}": f"{a} / {b}" for a, b in itertools.combinations(heads, 2)}


def cosines(study: Study, task: str, series: pd.DataFrame) -> pd.DataFrame | None:
    """Cosines of one task; None with one loss or where none were recorded.

    Args:
        series: of `reader.series`.

    Returns:
        Columns `label`, `seed`, `step`, `pair` ("a / b"), `cosine`: every recorded moment of every
        seed until it failed.
    """
    pairs = {name: pair for name, pair in columns(study, task).items() if name in series}
    if not pairs:
        return None
    moments = series[series[list(pairs)].notna().any(axis=1)].rename(columns=pairs)
    data = moments.melt(["label", "seed", "step"], list(pairs.values()), "pair", "cosine")
    data = data.dropna(subset=["cosine"])
    by_label = np.argsort(pd.factorize(data["label"])[0], kind="stable")
    return data.iloc[by_label] if len(data) else None


def summary(cosines: pd.DataFrame) -> pd.DataFrame:
    """One row per (label, pair): `mean_cosine`, `conflict_rate` (share below 0), `start`, `end`.

    `start` and `end` are the mean cosines in the first and the last fifth of the run.

    Args:
        cosines: the table of `cosines`.
    """
    progress = cosines["step"] / max(1, cosines["step"].max())
    data = cosines.assign(
        below=cosines["cosine"] < 0,
        start=cosines["cosine"].where(progress <= 0.2),
        end=cosines["cosine"].where(progress >= 0.8),
    )
    return data.groupby(["label", "pair"], sort=False).agg(
        mean_cosine=("cosine", "mean"),
        conflict_rate=("below", "mean"),
        start=("start", "mean"),
        end=("end", "mean"),
    )
