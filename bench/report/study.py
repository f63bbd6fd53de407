"""Reads a results folder: the plan, the environment, the tidy table of runs, the series."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SCHEMA = 1
STATUSES = ("ok", "diverged", "crashed", "failed")
NEEDED = (
    "strategy",
    "label",
    "task",
    "seed",
    "cell",
    "device",
    "xla",
    "precision",
    "status",
    "primary_metric",
    "step_time_us",
)
# What an older or a partial table may lack, and what stands in its place.
OPTIONAL: Mapping[str, Any] = {
    "reason": "",
    "bad_step": float("nan"),
    "pairing": None,
    "contract": "",
    "cost": "",
    "steps": float("nan"),
    "compile_s": float("nan"),
    "wall_s": float("nan"),
    "delta_m": float("nan"),
    "normalized_score": float("nan"),
    "budget": float("nan"),
}
RERUN = "run `lossbench run --out DIR` first"


class StudyError(ValueError):
    """A results folder that cannot be read; the message says what is missing and what to do."""


@dataclasses.dataclass(frozen=True)
class Study:
    """A results folder in memory.

    Attributes:
        directory: where it lies.
        plan: plan.json.
        environment: env.json, empty when there is none.
        runs: one row per (cell, seed) of the plan, failures included. `variant` says where it ran
            ("cpu, XLA off"); `shown` marks the one variant per (label, task) whose outcome the
            tables use.
        references: the rows that train one loss alone: no strategies of the comparison, unless
            the plan names them as such (they are in `runs` too then).
        notes: what a reader must know about gaps and oddities of the folder, one sentence each.
    """

    directory: Path
    plan: Mapping[str, Any]
    environment: Mapping[str, Any]
    runs: pd.DataFrame
    references: pd.DataFrame
    notes: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> list[str]:
        """Strategies with their hyperparameters, in the order of the plan."""
        return _union(self.plan["strategies"], self.runs["label"])

    @cached_property
    def tasks(self) -> list[str]:
        """Names of the tasks, in the order of the plan."""
        return list(self.plan["tasks"])

    @cached_property
    def variants(self) -> list[str]:
        """Where cells ran, the most frequent first: the order in which one is chosen to show."""
        cells = self.runs.drop_duplicates("cell")
        order = cells.groupby("variant").agg(n=("cell", "size"), xla=("xla", "first"))
        # At a tie XLA off comes first ("off" < "on"): it is the default.
        return list(order.sort_values(["n", "xla"], ascending=[False, True]).index)

    def outcomes(self, task: str) -> pd.DataFrame:
        """Rows of one task, one variant per label."""
        return self.runs[(self.runs["task"] == task) & self.runs["shown"]]

    def metrics(self, task: str) -> Mapping[str, Mapping[str, Any]]:
        """ "<head>/<metric>" to its direction and chance level, the primary one first."""
        primary, all_of = self.primary(task), self.plan["tasks"][task]["metrics"]
        return {primary: all_of[primary], **all_of}

    @property
    def reference_labels(self) -> Mapping[str, Mapping[str, str]]:
        """Task to head to the label of the cell that trains its loss alone."""
        return self.plan.get("references") or {}

    def first_metric(self, task: str, head: str) -> str:
        """The metric that a head is judged by in delta-m, "<head>/<metric>"."""
        metrics = self.plan["tasks"][task]["metrics"]
        return next(name for name in metrics if name.startswith(f"{head}/"))

    def primary(self, task: str) -> str:
        """The main metric of a task, "<head>/<metric>"."""
        return self.plan["tasks"][task]["primary"]

    def series(self, cell: str, columns: Iterable[str]) -> pd.DataFrame | None:
        """`seed`, `step` and the wanted columns of a cell; None when it recorded none of them."""
        path = self.directory / "cells" / cell / "series.parquet"
        try:
            table = pd.read_parquet(path)
        except (OSError, ValueError):
            return None  # a cell that crashed before its first evaluation left no series
        wanted = [column for column in columns if column in table]
        return table[["seed", "step", *wanted]] if wanted and {"seed", "step"} <= {*table} else None


def read(directory: Path) -> Study:
    """Reads a results folder.

    Raises:
        StudyError: no folder, no plan, no table, no rows, an unknown schema or missing columns.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise StudyError(f"{directory} is no folder: {RERUN}")
    plan = _json(directory / "plan.json")
    if plan is None:
        raise StudyError(f"{directory} has no plan.json, so it is no results folder: {RERUN}")
    _check_plan(plan, directory)
    environment = _json(directory / "env.json")
    runs, notes = _runs(directory, plan)
    alone = _is_reference(runs, plan)
    references, runs = runs[alone], runs[~alone | runs["label"].isin(plan["strategies"])].copy()
    if runs.empty:
        raise StudyError(f"{directory} has no runs of a strategy yet, only references: {RERUN}")
    study = Study(directory, plan, environment or {}, runs, references)
    rank = {variant: i for i, variant in enumerate(study.variants)}
    ranks = runs["variant"].map(rank)
    runs["shown"] = ranks == ranks.groupby([runs["label"], runs["task"]]).transform("min")
    if environment is None:
        notes.append("There is no env.json: where this ran is not known.")
    return dataclasses.replace(study, notes=(*notes, *_gaps(study)))


def _json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} cannot be read ({error}): {RERUN}") from error
    if not isinstance(content, dict):
        raise StudyError(f"{path} holds no JSON object: {RERUN}")
    return content


def _check_plan(plan: Mapping[str, Any], directory: Path) -> None:
    if plan.get("schema") != SCHEMA:
        raise StudyError(
            f"{directory}/plan.json has schema {plan.get('schema')!r} and this lossbench reads "
            f"schema {SCHEMA}: use the version that wrote it, or run the study again"
        )
    missing = [key for key in ("strategies", "tasks") if not plan.get(key)]
    for task, about in (plan.get("tasks") or {}).items():
        missing += [f"tasks.{task}.{key}" for key in ("primary", "metrics") if not about.get(key)]
        primary = about.get("primary")
        if primary and about.get("metrics") and primary not in about["metrics"]:
            missing.append(f"tasks.{task}.metrics[{primary!r}]")
    if missing:
        raise StudyError(f"{directory}/plan.json lacks {', '.join(missing)}: {RERUN}")


def _runs(directory: Path, plan: Mapping[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    path, notes = directory / "runs.parquet", []
    if not path.is_file():
        raise StudyError(f"{directory} has no runs.parquet, so nothing has run yet: {RERUN}")
    try:
        runs = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} is no readable Parquet file ({error}): {RERUN}") from error
    missing = [column for column in NEEDED if column not in runs]
    if missing:
        raise StudyError(f"{path} lacks the columns {', '.join(missing)}: run the study again")
    cells = plan.get("cells")
    if cells:
        mine = runs["cell"].isin(cells)
        if others := runs.loc[~mine, "cell"].nunique():
            notes.append(f"Stored cells of other plans that are not shown: {others}.")
        runs = runs[mine]
    if runs.empty:
        raise StudyError(f"{path} has no rows of this plan, so nothing has run yet: {RERUN}")
    unknown = sorted(set(runs["task"]) - set(plan["tasks"]))
    if unknown:
        raise StudyError(
            f"{path} has runs of {', '.join(unknown)}, which plan.json does not describe: "
            "run the study again into a new folder"
        )
    runs = runs.assign(**{k: v for k, v in OPTIONAL.items() if k not in runs})
    # An infinite metric has no mean: it is no value.
    runs = runs.assign(primary_metric=runs["primary_metric"].replace([np.inf, -np.inf], np.nan))
    odd = ~runs["status"].isin(STATUSES)
    if odd.any():
        names = ", ".join(sorted(map(str, runs.loc[odd, "status"].unique())))
        notes.append(f"{odd.sum()} runs have an unknown status ({names}); they count as failed.")
        runs = runs.assign(status=runs["status"].mask(odd, "failed"))
    runs = runs.assign(variant=_variant(runs), reason=runs["reason"].fillna(""))
    return _latest(runs, cells or [], notes), notes


def _is_reference(runs: pd.DataFrame, plan: Mapping[str, Any]) -> pd.Series:
    labels = {
        (task, label)
        for task, of_heads in (plan.get("references") or {}).items()
        for label in of_heads.values()
    }
    pairs = zip(runs["task"], runs["label"], strict=True)
    return pd.Series([pair in labels for pair in pairs], runs.index, dtype=bool)


def _variant(runs: pd.DataFrame) -> pd.Series:
    variant = runs["device"].astype(str) + ", XLA " + runs["xla"].astype(str)
    if runs["precision"].nunique() > 1:
        variant = variant + ", " + runs["precision"].astype(str)
    return variant


def _latest(runs: pd.DataFrame, cells: list[str], notes: list[str]) -> pd.DataFrame:
    """One cell per (label, task, variant): the last one of the plan."""
    order = {cell: i for i, cell in enumerate(cells)}
    runs = runs.assign(_order=runs["cell"].map(order).fillna(-1)).sort_values(
        ["_order", "seed"], kind="stable"
    )
    key = ["label", "task", "variant", "seed"]
    if twice := int(runs.duplicated(key, keep="last").sum()):
        notes.append(f"{twice} runs are there twice (same label, task and seed): the last counts.")
        runs = runs.drop_duplicates(key, keep="last")
    return runs.drop(columns="_order").reset_index(drop=True)


def _gaps(study: Study) -> list[str]:
    """Sentences on cells and seeds that are missing, and on seeds that are no pairs."""
    notes, runs = [], study.runs
    there = runs[runs["shown"]].groupby(["label", "task"])["seed"].nunique()
    wanted = [(label, task) for label in study.labels for task in study.tasks]
    if absent := [f"{label} on {task}" for label, task in wanted if (label, task) not in there]:
        notes.append(f"{len(absent)} of {len(wanted)} cells have not run: {enumerate_(absent)}.")
    seeds = {task: about.get("seeds") for task, about in study.plan["tasks"].items()}
    short = [
        f"{row['label']} on {row['task']} ({row['seed']} of {seeds[row['task']]})"
        for _, row in there.reset_index().iterrows()
        if seeds[row["task"]] and row["seed"] < seeds[row["task"]]
    ]
    if short:
        notes.append(f"Not all seeds are there: {enumerate_(short)}.")
    if partial := _partial_references(study, seeds):
        notes.append(
            f"Not all single-task runs finished: {enumerate_(partial)}. Delta-m and the retained "
            "share are means over the seeds where all did."
        )
    hashes = runs.dropna(subset=["pairing"]).groupby(["task", "seed"])["pairing"].nunique()
    if unpaired := sorted({task for task, _ in hashes[hashes > 1].index}):
        notes.append(
            f"Initial weights or batches differ between strategies on {enumerate_(unpaired)}: "
            "there the seeds are no pairs, and the paired differences are less sure than they look."
        )
    empty = (runs["status"] == "ok") & runs["primary_metric"].isna() & runs["shown"]
    if empty.any():
        notes.append(f"{empty.sum()} finished runs have no value of the primary metric.")
    return notes


def _partial_references(study: Study, seeds: Mapping[str, int | None]) -> list[str]:
    """Heads whose reference lacks seeds that the runs of the task have."""
    table = study.references
    finished = table[table["status"] == "ok"].groupby(["task", "label"])["seed"].nunique()
    counts = finished.to_dict()
    return [
        f"{head} on {task} ({counts.get((task, label), 0)} of {seeds[task]} seeds)"
        for task, labels in study.reference_labels.items()
        for head, label in labels.items()
        if seeds.get(task) and counts.get((task, label), 0) < seeds[task]
    ]


def enumerate_(names: Iterable[str], most: int = 6) -> str:
    """ "a, b, c and 4 more": names in a sentence.

    >>> enumerate_(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    names = list(names)
    parts = some(names, most)
    if len(names) <= most:
        return ", ".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def some(names: Iterable[str], most: int = 6) -> list[str]:
    """The first of many names, and how many more there are.

    >>> some(["a", "b", "c"], most=2)
    ['a', 'b', '1 more']
    """
    names = list(names)
    return names if len(names) <= most else [*names[:most], f"{len(names) - most} more"]


def _union(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))
