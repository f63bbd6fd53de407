"""The table of one task: means, paired differences with intervals and tests, verdicts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...statistics.family import few, p_values
from ...statistics.intervals import t_intervals
from ...statistics.paired import lost_pairs, win_shares
from ...store.schema import STATUSES
from ..read.study import Study
from .verdicts import margin, verdicts

PAIRED = ("pairs", "difference", "low", "high", "with_losses", "p", "p_adjusted")


def task_table(
    study: Study, task: str, baseline: str, times: pd.DataFrame, second: str | None = None
) -> pd.DataFrame:
    """The table of one task; see `Comparison.tasks` for its columns."""
    runs, metrics = study.outcomes(task), study.metrics(task)
    criterion, primary = study.criterion(task), study.primary(task)
    columns = {name: f"metric/{name}/test" for name in metrics} | {primary: "primary_metric"}
    columns = {name: column for name, column in columns.items() if column in runs}
    signs = {name: 1.0 if metrics[name]["higher_is_better"] else -1.0 for name in columns}
    ok, chance = runs["status"] == "ok", metrics[criterion].get("chance")
    finished = runs[ok].groupby("label")
    first = runs.groupby("label")[["variant", "contract", "cost"]].first()

    table = _counts(runs, study.labels).join(first["variant"])
    _add_moments(table, finished, columns)

    def by_seed(values: pd.Series) -> pd.DataFrame:
        """A seed that finished is one value, a failed one -inf (it loses), no seed is NaN."""
        return _by_seed(runs, values.where(ok, -np.inf), study.labels)

    units = clusters(runs)
    scores = by_seed(signs[criterion] * runs[columns[criterion]])
    table = table.join(_paired(scores, baseline, units))
    table["correlation"] = _correlation(scores.replace(-np.inf, np.nan), baseline)
    table["win_share"] = win_shares(scores, baseline).drop(baseline)
    if not ok.all():
        table["with_failures"] = signs[criterion] * _with_failures(scores, signs[criterion], chance)
    for name in (name for name in columns if name != criterion):
        # A gain on the criterion at the expense of a metric has to be seen.
        other = by_seed(signs[name] * runs[columns[name]]).replace(-np.inf, np.nan)
        change = t_intervals(_of_units(_differences(other, baseline), units))
        for key in ("difference", "low", "high"):
            table[f"{name} {key}"] = change[key]
    for score, group in (("delta_m", finished), ("normalized_score", runs.groupby("label"))):
        if runs.loc[ok, score].notna().any():
            _add_moments(table, group, {score: score})
    if "delta_m mean" in table:
        # The heads against single-task runs can differ where the criterion does not.
        other = _paired(by_seed(runs["delta_m"]), baseline, units)
        table = table.join(other.add_prefix("delta_m "))
    if second is not None and np.isfinite(scores[second]).any():
        table = table.join(_paired(scores, second, units).add_prefix(f"{second} "))
    for unit in ("us", "ratio"):
        table[f"time_{unit}"] = _of_variant(times.loc[task], table["variant"], unit)
    size = margin(table.at[baseline, f"{criterion} mean"], chance)
    table["verdict"] = verdicts(table, baseline, size, few(study.clustered))
    return table.join(first[["contract", "cost"]])


def _counts(runs: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """Runs of each status per label, `failures`, and `spiked`: those that came back and ended well.

    A run that ended diverged is a failure; one that spiked is none. Older runs did not say.
    """
    counts = runs.groupby(["label", "status"]).size().unstack(fill_value=0)
    table = counts.reindex(index=labels, columns=list(STATUSES), fill_value=0)
    table.index.name, table.columns.name = "label", None
    spiked = runs["spiked"].where(runs["status"] == "ok").groupby(runs["label"]).sum(min_count=1)
    return table.assign(failures=table[list(STATUSES[1:])].sum(axis=1), spiked=spiked)


def _add_moments(
    table: pd.DataFrame, runs: pd.core.groupby.DataFrameGroupBy, columns: dict[str, str]
) -> None:
    """Adds `<name> mean` and `<name> sd` of some columns of the runs."""
    of_columns = runs[list(columns.values())]
    mean, sd = of_columns.mean(), of_columns.std()
    for name, column in columns.items():
        table[f"{name} mean"], table[f"{name} sd"] = mean[column], sd[column]


def _by_seed(runs: pd.DataFrame, values: pd.Series, labels: list[str]) -> pd.DataFrame:
    """(seeds, labels): a value of each run, NaN where there is no run."""
    seeds, rows = np.unique(runs["seed"], return_inverse=True)
    table = np.full((seeds.size, len(labels)), np.nan)
    table[rows, pd.Index(labels).get_indexer(runs["label"])] = values
    return pd.DataFrame(table, seeds, labels)


def _differences(scores: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """To the baseline on the same seed, without the baseline itself."""
    return scores.drop(columns=baseline).sub(scores[baseline], axis=0)


def clusters(runs: pd.DataFrame) -> pd.Series:
    """Seed to its unit of replication: its tuning where there are several, else the seed itself.

    Seeds that share a tuning share its luck: they say how seeds differ, not how tunings do.
    """
    of_seed = runs.groupby("seed")["tuning"].first()
    return of_seed if of_seed.nunique() > 1 else pd.Series(of_seed.index, of_seed.index)


def _of_units(differences: pd.DataFrame, units: pd.Series) -> pd.DataFrame:
    """Mean difference of each unit of replication."""
    return differences.groupby(units.reindex(differences.index)).mean()


def _paired(scores: pd.DataFrame, baseline: str, units: pd.Series) -> pd.DataFrame:
    """The columns PAIRED of each label against the baseline.

    Pairs, differences and intervals are of the units where both finished. In the tests, and in
    `with_losses`, the mean that goes with them, a failed run is a lost pair; a label that never
    finished beside the baseline is in no test.

    The row of the baseline itself is NaN: it is no member of the family of tests.
    """
    finished = _differences(scores.replace(-np.inf, np.nan), baseline)
    table = t_intervals(_of_units(finished, units))
    contest = _of_units(lost_pairs(scores, baseline), units).loc[:, table["pairs"] > 0]
    table["with_losses"] = contest.mean()
    table = table.join(p_values(contest, units.nunique() < len(units)))
    return table.reindex(scores.columns)[list(PAIRED)]


def _correlation(scores: pd.DataFrame, baseline: str) -> pd.Series:
    """Of each column with the baseline's, over the seeds where both finished."""
    a, b = scores.to_numpy(), scores[baseline].to_numpy()[:, None]
    both = ~(np.isnan(a) | np.isnan(b))
    n = np.where(both.any(axis=0), both.sum(axis=0), np.nan)
    a, b = (np.where(both, x, 0.0) for x in (a, b))
    a, b = (np.where(both, x - x.sum(axis=0) / n, 0.0) for x in (a, b))
    norm = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    found = (a * b).sum(axis=0) / np.where(norm > 0, norm, np.nan)
    return pd.Series(found, scores.columns).drop(baseline)


def _with_failures(scores: pd.DataFrame, sign: float, chance: float | None) -> pd.Series:
    """Mean over all runs, a failed one at chance; unknown where that is unknown."""
    worst = np.nan if chance is None else sign * float(chance)
    lost = (scores == -np.inf).any()
    return scores.replace(-np.inf, worst).mean().mask(lost & np.isnan(worst))


def _of_variant(time: pd.DataFrame, variants: pd.Series, unit: str) -> pd.Series:
    """The time of each label in its own variant."""
    found = pd.Series(np.nan, variants.index)
    for variant in variants.dropna().unique():
        found = found.mask(variants == variant, time[f"{variant} {unit}"])
    return found
