"""What tuning tried and found: best score so far, how wide the good band is, what diverged."""

from __future__ import annotations

import re
from collections.abc import Hashable

import numpy as np
import pandas as pd

from ...text.words import enumerate_
from ..read.study import Study
from .equal_compute import costs, equal_compute

NEAR = 0.01  # of the best score: trials as good as it
EDGE = 0.1  # of the range, on a log axis: its outer tenth at either end
COLUMNS = (
    *("trials", "diverged", "default_score", "best_score", "gain", "learning_rate"),
    *("band_low", "band_high", "band_decades", "edge", "hyperparameters", "equal_compute"),
)


def trials(study: Study, task: str) -> pd.DataFrame:
    """The trials of the strategies on a task, in their order; empty when it was not tuned."""
    table = study.trials
    table = table[(table["task"] == task) & table["label"].isin(study.labels)]
    return table.sort_values(["label", "tuning", "trial"], kind="stable")


def searched(study: Study, task: str) -> tuple[float, float] | None:
    """The range of learning rates that was searched: that of the plan, else that of the trials."""
    limits = study.plan["tasks"][task].get("learning_rates")
    if not limits:
        rates = pd.to_numeric(trials(study, task)["learning_rate"], errors="coerce").dropna()
        limits = (rates.min(), rates.max()) if len(rates) else None
    if not limits or not 0 < limits[0] < limits[1]:
        return None
    return float(limits[0]), float(limits[1])


def best_so_far(table: pd.DataFrame) -> pd.DataFrame:
    """(number of trials, labels): the best validation score of the first k trials.

    The mean over the tunings where there are several.

    A failed trial counts as a trial and improves nothing; before the first that finished there is
    no score (NaN).
    """
    scores = table.assign(score=table["score"].where(table["status"] == "ok")).pivot(
        index="trial", columns=["label", "tuning"], values="score"
    )
    best = scores.cummax().ffill().T.groupby(level="label", sort=False).mean().T
    return best.set_axis(np.arange(1, len(best) + 1), axis=0)


def summary(study: Study) -> pd.DataFrame:
    """One row per (task, label) that was tuned.

    Returns:
        `trials`; `diverged`, the share that failed; `default_score` of trial 0, `best_score` and
        their difference `gain`, all of the first tuning where there are several, as the rest;
        `learning_rate` chosen; `band_low` and `band_high`, the smallest
        and largest learning rate among the trials within 1 % of the best score, and
        `band_decades` between them (the hyperparameters vary too: a lower bound); `edge`, "low" or
        "high" where the best learning rate lies at that end of the range; `hyperparameters`,
        the chosen ones of the strategy itself in words; `equal_compute`, the best score of as many
        trials as the time of tuning `weighted` buys, the mean over the tunings.
    """
    rows = {}
    for task in study.tasks:
        limits, table = searched(study, task), trials(study, task)
        afforded = equal_compute(best_so_far(table), costs(study, task))
        table = table[table["tuning"] == 0]
        columns = [table[name].to_numpy(float) for name in ("learning_rate", "score", "trial")]
        rates, scores, numbers = columns
        scores = np.where(table["status"] == "ok", scores, np.nan)
        chosen = table["chosen"].to_numpy(bool)
        words = _hyperparameters(table[chosen])
        for label, mine in table.groupby("label", sort=False).indices.items():
            row = _row(rates[mine], scores[mine], numbers[mine], chosen[mine], limits)
            rows[task, str(label)] = (*row, words.get(label, ""), afforded[label])
    names = ["task", "label"]
    index = pd.MultiIndex.from_tuples(rows, names=names) if rows else None
    index = pd.MultiIndex.from_arrays([[], []], names=names) if index is None else index
    return pd.DataFrame(list(rows.values()), index=index, columns=list(COLUMNS))


def _hyperparameters(chosen: pd.DataFrame) -> dict[Hashable, str]:
    """Label to the strategy's own ones in the chosen trial: "weights 1 0.5, temperature 2"."""
    chosen = chosen.drop_duplicates("label").set_index("label")
    words: dict[Hashable, list[str]] = {label: [] for label in chosen.index}
    own = [c for c in map(str, chosen) if c.startswith("hp/") and c != "hp/learning_rate"]
    for column in own:
        for label, value in chosen[column].dropna().items():
            numbers = re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", str(value))
            text = " ".join(f"{float(number):.3g}" for number in numbers) or value
            words[label].append(f"{column.removeprefix('hp/')} {text}")
    return {label: ", ".join(parts) for label, parts in words.items()}


def _row(
    rates: np.ndarray,
    scores: np.ndarray,
    numbers: np.ndarray,
    chosen: np.ndarray,
    limits: tuple[float, float] | None,
) -> tuple[object, ...]:
    """One row of the summary; a score that is NaN is a trial that failed."""
    ok = np.isfinite(scores)
    first = scores[(numbers == 0) & ok]
    default = float(first[0]) if len(first) else np.nan
    lost = float((~ok).mean())
    if not ok.any():
        return (len(rates), lost, default, *[np.nan] * 6, "")
    best = float(scores[ok].max())
    taken = chosen & ok
    rate = float(rates[taken if taken.any() else scores == best][0])
    near = rates[ok & (np.nan_to_num(scores, nan=-np.inf) >= best - NEAR * abs(best))]
    low, high = float(near.min()), float(near.max())
    width = float(np.log10(high / low)) if low > 0 else np.nan
    edge = _edge(rates, near, rate, limits)
    return (len(rates), lost, default, best, best - default, rate, low, high, width, edge)


def _edge(
    tried: np.ndarray, near: np.ndarray, rate: float, limits: tuple[float, float] | None
) -> str:
    """At which end of the range the best learning rate lies, if at one.

    It does where nothing was tried further out (a trial there that failed is a try), or in the
    outer tenth of the range; not where a rate that is not there is within 1 % of the best.
    """
    if limits is None or rate <= 0:
        return ""
    low, high = np.log10(limits)
    inner = low + EDGE * (high - low), high - EDGE * (high - low)
    where = np.log10(near)
    if rate >= tried.max() or np.log10(rate) > inner[1]:
        return "" if (where < min(inner[1], np.log10(rate))).any() else "high"
    if rate <= tried.min() or np.log10(rate) < inner[0]:
        return "" if (where > max(inner[0], np.log10(rate))).any() else "low"
    return ""


def notes(study: Study, table: pd.DataFrame) -> list[str]:
    """What a reader must know of the tuning, one sentence each.

    Args:
        table: of `summary`.
    """
    if not study.budget:
        return []
    if table.empty:
        return ["The strategies were tuned, but there are no trials of it: how is not shown."]
    found = []
    at_edge = table[table["edge"] != ""]
    if len(at_edge):
        names = [f"{label} on {task} ({row['edge']})" for (task, label), row in at_edge.iterrows()]
        found.append(
            f"Best learning rate at the edge of the range for: {enumerate_(names)}. A wider range "
            "might do better there."
        )
    counts = table["trials"]
    if counts.nunique() > 1:
        most = counts.max()
        names = [f"{label} on {task} ({n})" for (task, label), n in counts.items() if n < most]
        found.append(
            f"Unequal numbers of trials: {enumerate_(names)}, against {most} of the others."
        )
    lost = table[table["best_score"].isna()]
    if len(lost):
        names = [f"{label} on {task}" for task, label in lost.index]
        found.append(f"Every tuning trial failed for {enumerate_(names)}.")
    return found
