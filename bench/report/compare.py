"""Compares the strategies of a study: one table per task and one over all tasks.

Every difference is paired by seed and oriented, so that positive is better. Means are over the
runs that finished; runs that failed stand beside them as counts, as lost pairs in the win share,
and in a mean of their own at the chance level of the metric.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from . import alone
from .statistics import (
    DESCRIPTIVE,
    LEVEL,
    fewest_pairs,
    holm,
    sign_flip,
    t_intervals,
    win_shares,
)
from .study import STATUSES, Study, enumerate_

BASELINE = "sum"

# What is said of a strategy on a task.
NOT_RUN = "not run"
IS_BASELINE = "baseline"
ALL_FAILED = "no run finished"
NO_PAIRS = "no pairs"
DESCRIPTIVE_ONLY = "descriptive only"
BETTER = "better"
BETTER_BUT_FAILS = "better where it finished"
WORSE = "worse"
# The 95 % interval taken alone excludes 0; the test after the correction does not pass.
LEANS_BETTER = "better, uncorrected"
LEANS_WORSE = "worse, uncorrected"
NOT_SHOWN = "no difference shown"


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The tables of a study.

    Attributes:
        baseline: the label that all others are compared with.
        tasks: name of the task to its table, one row per label in the order of the plan: counts
            per status, `failures` (all but ok), `<head>/<metric> mean` and `sd` (finished runs),
            `pairs`, `difference`, `low`, `high`, `p`, `p_holm`, `win_share`, `correlation`,
            `with_failures`, `<head>/<metric> difference`, `low` and `high` of the other metrics,
            `delta_m mean` and `sd` (finished runs), `normalized_score mean` and `sd` (all runs:
            a failed one retains 0), where there are single-task references,
            `time_us`, `time_ratio`, `variant`, `verdict`.
        overall: one row per label: `<task> mean`, `difference`, `verdict` and, where there are
            references, `delta_m`; then `runs`, `failures`, `contract`, `cost`.
        times: one row per (task, label), per variant `<variant> us` and `<variant> ratio`.
        notes: those of the study and of the comparison.
    """

    study: Study
    baseline: str
    tasks: Mapping[str, pd.DataFrame]
    overall: pd.DataFrame
    times: pd.DataFrame
    notes: tuple[str, ...]


def compare(study: Study) -> Comparison:
    """All tables of a study."""
    present = [label for label in study.labels if label in set(study.runs["label"])]
    baseline = BASELINE if BASELINE in present else present[0]
    times = training_times(study, baseline)
    tasks = {task: task_table(study, task, baseline, times) for task in study.tasks}
    notes = [*study.notes, *alone.notes(study), *_notes(study, baseline, tasks)]
    return Comparison(study, baseline, tasks, _overall(study, tasks), times, tuple(notes))


def task_table(study: Study, task: str, baseline: str, times: pd.DataFrame) -> pd.DataFrame:
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
    table = table.join(_paired(scores.replace(-np.inf, np.nan), baseline))
    table["win_share"] = win_shares(scores, baseline)
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
    table.loc[baseline, ["pairs", "difference", "low", "high", "win_share"]] = np.nan
    table["p_holm"] = holm(table["p"])
    time = times.loc[task].reindex(study.labels)
    table["time_us"] = _of_variant(time, table["variant"], "us")
    table["time_ratio"] = _of_variant(time, table["variant"], "ratio")
    table["verdict"] = _verdicts(table, baseline)
    return table.join(first[["contract", "cost"]])


def _by_seed(runs: pd.DataFrame, column: str, labels: list[str]) -> pd.DataFrame:
    """(seeds, labels): one column of the runs."""
    table = runs.pivot(index="seed", columns="label", values=column)
    return table.reindex(columns=labels).astype(float)


def _paired(scores: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Paired statistics of each column against the baseline, on seeds where both finished."""
    others = scores.columns.drop(baseline)
    reference = scores[baseline]
    differences = scores[others].sub(reference, axis=0)
    table = t_intervals(differences)
    table["p"] = differences.apply(sign_flip) if len(others) else pd.Series(dtype=float)
    paired = scores[others].where(differences.notna())
    a = paired - paired.mean()
    b = differences.notna().mul(reference, axis=0).where(differences.notna())
    b = b - b.mean()
    norm = np.sqrt((a**2).sum() * (b**2).sum())
    table["correlation"] = (a * b).sum() / norm.where(norm > 0)
    return table


def _of_variant(time: pd.DataFrame, variants: pd.Series, unit: str) -> pd.Series:
    """The time of each label in its own variant."""
    return pd.Series(
        {
            label: time.at[label, f"{variant} {unit}"] if pd.notna(variant) else np.nan
            for label, variant in variants.items()
        },
        dtype=float,
    )


def _verdicts(table: pd.DataFrame, baseline: str) -> list[str]:
    failures = table["failures"]
    ran = table["ok"] + failures > 0
    sure = table["p_holm"] < 1 - LEVEL
    better = table["difference"] > 0
    return list(
        np.select(
            [
                ~ran,
                table.index == baseline,
                table["ok"] == 0,
                ~(table["pairs"] > 0),
                table["pairs"] <= DESCRIPTIVE,
                sure & better & (failures > failures[baseline]),
                sure & better,
                sure,
                table["low"] > 0,
                table["high"] < 0,
            ],
            [
                NOT_RUN,
                IS_BASELINE,
                ALL_FAILED,
                NO_PAIRS,
                DESCRIPTIVE_ONLY,
                BETTER_BUT_FAILS,
                BETTER,
                WORSE,
                LEANS_BETTER,
                LEANS_WORSE,
            ],
            NOT_SHOWN,
        )
    )


def training_times(study: Study, baseline: str) -> pd.DataFrame:
    """Microseconds per seed-step of the training runs, and their ratio to the baseline.

    The ratio is within a (task, variant). It is the time of the training run, taken once and not
    interleaved: good for orders of magnitude, not for a verdict.

    Returns:
        Index (task, label), per variant the columns `<variant> us` and `<variant> ratio`.
    """
    us = study.runs.pivot_table(
        index=["task", "label"],
        columns="variant",
        values="step_time_us",
        aggfunc="median",
        dropna=False,
    )
    index = pd.MultiIndex.from_product([study.tasks, study.labels], names=["task", "label"])
    us = us.reindex(index, columns=study.variants)
    reference = us.xs(baseline, level="label")
    columns = {}
    for variant in study.variants:
        of_task = index.get_level_values("task").map(reference[variant])
        columns[f"{variant} us"] = us[variant]
        columns[f"{variant} ratio"] = us[variant] / of_task
    return pd.DataFrame(columns, index=index)


def _overall(study: Study, tasks: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    table = pd.DataFrame(index=pd.Index(study.labels, name="label"))
    for task, of_task in tasks.items():
        table[f"{task} mean"] = of_task[f"{study.primary(task)} mean"]
        table[f"{task} difference"] = of_task["difference"]
        table[f"{task} verdict"] = of_task["verdict"]
        if "delta_m mean" in of_task:
            table[f"{task} delta_m"] = of_task["delta_m mean"]
    counts = pd.concat(tasks)[["ok", "failures"]].groupby(level=-1).sum()
    table["runs"] = counts.sum(axis=1)
    table["failures"] = counts["failures"]
    return table.join(study.runs.groupby("label")[["contract", "cost"]].first())


def hopeless(table: pd.DataFrame) -> bool:
    """Whether a task has too few pairs for any p value to pass Holm's correction."""
    return bool(DESCRIPTIVE < table["pairs"].max() < fewest_pairs(int(table["p"].count())))


def _notes(study: Study, baseline: str, tasks: Mapping[str, pd.DataFrame]) -> list[str]:
    notes = []
    if baseline != BASELINE:
        notes.append(f"{BASELINE} was not run: differences are to {baseline}, the first strategy.")
    few = [task for task, table in tasks.items() if 0 < table["pairs"].max() <= DESCRIPTIVE]
    if few:
        notes.append(
            f"{DESCRIPTIVE} seeds or fewer on {enumerate_(few)}: descriptive only; no exact test "
            f"can reach p < {1 - LEVEL:.2f} there."
        )
    crowded: dict[tuple[int, int], list[str]] = {}
    for task, table in tasks.items():
        if hopeless(table):
            key = int(table["pairs"].max()), int(table["p"].count())
            crowded.setdefault(key, []).append(task)
        if not table.loc[baseline, "ok"]:
            notes.append(f"{baseline} has no finished run on {task}: nothing to compare with.")
    for (pairs, m), where in crowded.items():
        notes.append(
            f"{pairs} seeds cannot show any difference after Holm's correction for {m} "
            f"comparisons ({enumerate_(where)}): use at least {fewest_pairs(m)} seeds, or fewer "
            "strategies."
        )
    if len(study.variants) > 1:
        used = study.runs[study.runs["shown"]].drop_duplicates(["label", "task"])["variant"]
        counts = ", ".join(f"{variant}: {n}" for variant, n in used.value_counts().items())
        notes.append(
            f"Cells ran in {len(study.variants)} variants; outcomes are of one per strategy and "
            f"task ({counts} cells), training times of each."
        )
    return notes
