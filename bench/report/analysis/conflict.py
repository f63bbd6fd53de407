"""The conflict of the losses: cosines of their gradients by the shared parameters, in training."""

from __future__ import annotations

import itertools

import pandas as pd

from ..read.study import Study


def cosines(study: Study, task: str) -> pd.DataFrame | None:
    """Cosines of one task; None with one loss or where none were recorded.

    Returns:
        Columns `label`, `pair` ("a / b"), `seed`, `step`, `cosine`: every recorded moment of every
        seed until it failed.
    """
    heads = [
        head["name"]
        for head in study.plan["tasks"][task].get("heads", ())
        if head["kind"] != "regulariser"
    ]
    pairs = {f"cosine/{a}/{b}": f"{a} / {b}" for a, b in itertools.combinations(heads, 2)}
    runs = study.outcomes(task)
    ends = runs.set_index(["cell", "seed"])["bad_step"]
    tables = []
    for label, cell in runs.drop_duplicates("label").set_index("label")["cell"].items():
        series = study.series(cell, pairs)
        if series is None:
            continue
        table = series.rename(columns=pairs).melt(["seed", "step"], None, "pair", "cosine")
        end = table["seed"].map(ends.get(cell, pd.Series(dtype=float)))
        tables.append(table[~(table["step"] > end)].dropna(subset=["cosine"]).assign(label=label))
    data = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    return data if len(data) else None


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
