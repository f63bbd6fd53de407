"""The table of one task: means, paired differences with intervals and tests, verdicts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...statistics.intervals import t_intervals
from ...statistics.paired import holm, sign_flip, win_shares
from ..read.study import STATUSES, Study
from .verdicts import margin, verdicts

PAIRED = ("pairs", "difference", "low", "high", "p", "p_holm")


def task_table(
    study: Study, task: str, baseline: str, times: pd.DataFrame, second: str | None = None
) -> pd.DataFrame:
    """The table of one task; see `Comparison.tasks` for its columns."""
    runs, metrics, primary = study.outcomes(task), study.metrics(task), study.primary(task)
    about, ok = metrics[primary], runs["status"] == "ok"
    table = pd.crosstab(runs["label"], runs["status"]).reindex(
        index=study.labels, columns=list(STATUSES), fill_value=0
    )
    table.index.name, table.columns.name = "label", None
    table["failures"] = table[list(STATUSES[1:])].sum(axis=1)
    first = runs.groupby("label")[["variant", "contract", "cost"]].first()
    table = table.join(first["variant"])
    finished = runs[ok].groupby("label")
    for name in metrics:
        column = f"metric/{name}/test"
        if name == primary:
            column = "primary_metric"
        elif column not in runs:
            continue
        table[f"{name} mean"], table[f"{name} sd"] = finished[column].mean(), finished[column].std()

    sign = 1.0 if about["higher_is_better"] else -1.0
    # A seed that finished is one value, a failed one -inf (the worst of all), no seed is NaN.
    value = (sign * runs["primary_metric"]).where(ok, -np.inf)
    scores = _by_seed(runs.assign(value=value), "value", study.labels)
    known = scores.replace(-np.inf, np.nan)
    table = table.join(_paired(known, baseline))
    table["win_share"] = win_shares(scores, baseline).drop(baseline)
    chance = about.get("chance")
    if not ok.all():
        worst = np.nan if chance is None else sign * float(chance)
        # Without a known chance level the mean is unknown where a run failed.
        counted = scores.replace(-np.inf, worst)
        unknown = (scores == -np.inf).any() & np.isnan(worst)
        table["with_failures"] = (sign * counted.mean()).mask(unknown)
    for name, other in metrics.items():
        column = f"metric/{name}/test"
        if name != primary and column in runs:
            # A gain on the primary metric at the expense of another one has to be seen.
            values = _by_seed(runs[ok], column, study.labels)
            values = values if other["higher_is_better"] else -values
            change = t_intervals(values.drop(columns=baseline).sub(values[baseline], axis=0))
            for key in ("difference", "low", "high"):
                table[f"{name} {key}"] = change[key]
    for score, scored in (("delta_m", finished), ("normalized_score", runs.groupby("label"))):
        if runs.loc[ok, score].notna().any():
            table[f"{score} mean"], table[f"{score} sd"] = scored[score].mean(), scored[score].std()
    if "delta_m mean" in table:
        # The heads together can differ where the primary metric does not.
        by_seed = _by_seed(runs[ok], "delta_m", study.labels)
        table = table.join(_paired(by_seed, baseline)[list(PAIRED)].add_prefix("delta_m "))
    if second is not None and known[second].notna().any():
        table = table.join(_paired(known, second)[list(PAIRED)].add_prefix(f"{second} "))
    time = times.loc[task].reindex(study.labels)
    table["time_us"] = _of_variant(time, table["variant"], "us")
    table["time_ratio"] = _of_variant(time, table["variant"], "ratio")
    size = margin(table.at[baseline, f"{primary} mean"], chance)
    table["verdict"] = verdicts(table, baseline, size)
    return table.join(first[["contract", "cost"]])


def _by_seed(runs: pd.DataFrame, column: str, labels: list[str]) -> pd.DataFrame:
    """(seeds, labels): one column of the runs."""
    table = runs.pivot(index="seed", columns="label", values=column)
    return table.reindex(columns=labels).astype(float)


def _paired(scores: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Paired statistics of each column against the baseline, on seeds where both finished.

    The row of the baseline itself is NaN: it is no member of the family of tests.
    """
    others = scores.columns.drop(baseline)
    reference = scores[baseline]
    differences = scores[others].sub(reference, axis=0)
    table = t_intervals(differences)
    table["p"] = differences.apply(sign_flip) if len(others) else pd.Series(dtype=float)
    table["p_holm"] = holm(table["p"])
    paired = scores[others].where(differences.notna())
    a = paired - paired.mean()
    b = differences.notna().mul(reference, axis=0).where(differences.notna())
    b = b - b.mean()
    norm = np.sqrt((a**2).sum() * (b**2).sum())
    table["correlation"] = (a * b).sum() / norm.where(norm > 0)
    return table.reindex(scores.columns)


def _of_variant(time: pd.DataFrame, variants: pd.Series, unit: str) -> pd.Series:
    """The time of each label in its own variant."""
    return pd.Series(
        {
            label: time.at[label, f"{variant} {unit}"] if pd.notna(variant) else np.nan
            for label, variant in variants.items()
        },
        dtype=float,
    )
