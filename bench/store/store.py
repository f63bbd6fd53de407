"""Results on disk: one folder per cell, there whole or not at all.

    DIR/plan.json           what the last run was asked for
    DIR/cells/<key>/        spec.json, env.json, result.json, series.parquet, trials.parquet
    DIR/runs.parquet        one tidy row per (cell, seed), collected from the cells
    DIR/trials.parquet      one row per (cell, trial) of the cells that were tuned

A cell is written aside and renamed. Several processes may share a folder.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import time
import uuid
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

import filelock
import pandas as pd

from ..plan import single_task
from ..plan.cell import SCHEMA, Cell
from .atomic import read_json, replacing, write_json
from .schema import COLUMNS, NUMBERS, RETRIED
from .scores import score


class StoreError(ValueError):
    """A results folder that can't be used, with the remedy."""


class Store:
    """The results folder of one or several runs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.cells = directory / "cells"

    def open(self) -> None:
        """Make the folder.

        Raises:
            StoreError: it can't be written.
        """
        try:
            self.cells.mkdir(parents=True, exist_ok=True)
            probe = self.directory / f".write-{uuid.uuid4().hex}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise StoreError(
                f"can't write results to {self.directory} ({error.strerror}); "
                "choose another folder with --out"
            ) from error

    def has(self, cell: Cell) -> bool:
        """Whether the cell is there with a result that stands."""
        result = read_json(self.cells / cell.key / "result.json")
        return bool(result) and not any(row["status"] in RETRIED for row in result["seeds"])

    def write(
        self,
        cell: Cell,
        result: dict[str, Any],
        env: dict[str, Any],
        tables: Mapping[str, pd.DataFrame],
    ) -> None:
        """Write a cell aside, then put it in its place; a result that stands is kept.

        Args:
            tables: name to table, each written as <name>.parquet.
        """
        aside = self.cells / f".{cell.key}-{uuid.uuid4().hex[:8]}"
        aside.mkdir(parents=True)
        try:
            write_json(aside / "spec.json", cell.json())
            write_json(aside / "env.json", env)
            write_json(aside / "result.json", {**result, "finished": time.time()})
            for name, table in tables.items():
                table.to_parquet(aside / f"{name}.parquet", index=False)
            with self._lock():
                if self.has(cell):
                    return
                shutil.rmtree(self.cells / cell.key, ignore_errors=True)
                os.replace(aside, self.cells / cell.key)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def write_plan(self, plan: dict[str, Any], env: dict[str, Any]) -> None:
        """What the run was asked for, for the report."""
        write_json(self.directory / "plan.json", {"schema": SCHEMA, **plan})
        write_json(self.directory / "env.json", env)

    def collect(self) -> pd.DataFrame:
        """Gather all cells into runs.parquet.

        Of two with one identity that of the last plan counts, else the later one.
        """
        with self._lock():
            planned = set(read_json(self.directory / "plan.json").get("cells", ()))
            best: dict[Any, tuple[tuple[bool, float], Cell, dict[str, Any]]] = {}
            for cell, result in self._all():
                rank = (cell.key in planned, result.get("finished", 0.0))
                if cell.identity not in best or best[cell.identity][0] < rank:
                    best[cell.identity] = (rank, cell, result)
            frame = pd.DataFrame(
                [row for _, cell, result in best.values() for row in tidy(cell, result)]
            )
            for column in frame.columns:  # a column of nulls has no type of its own
                if column.startswith(("metric/", "stability/")) or column in NUMBERS:
                    frame[column] = pd.to_numeric(frame[column])
            frame = frame.reindex(columns=[*COLUMNS, *sorted(set(frame.columns) - set(COLUMNS))])
            frame = frame.sort_values(["task", "label", "xla", "seed"], ignore_index=True)
            frame = _scored(frame, planned, best.values())
            self._replace("runs", frame)
            self._replace("trials", self._trials([cell for _, cell, _ in best.values()]))
        return frame

    def _trials(self, cells: Iterable[Cell]) -> pd.DataFrame:
        """What tuning tried in these cells."""
        parts = []
        for cell in cells:
            path = self.cells / cell.key / "trials.parquet"
            if path.is_file():
                about = {"cell": cell.key, "task": cell.task_name, "label": cell.label}
                parts.append(pd.read_parquet(path).assign(**about))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def _replace(self, name: str, table: pd.DataFrame) -> None:
        """Write <name>.parquet in one step; an empty table has no file."""
        path = self.directory / f"{name}.parquet"
        if table.empty:
            path.unlink(missing_ok=True)
            return
        with replacing(path) as aside:
            table.to_parquet(aside, index=False)

    def stored(self) -> list[Cell]:
        """All cells that are there, whatever their outcome."""
        return [cell for cell, _ in self._all()]

    def _all(self) -> Iterable[tuple[Cell, dict[str, Any]]]:
        for folder in sorted(self.cells.iterdir()):
            spec, result = read_json(folder / "spec.json"), read_json(folder / "result.json")
            if folder.name.startswith(".") or not result or spec.get("schema") != SCHEMA:
                continue
            yield Cell.from_json(spec), result

    def _lock(self) -> filelock.BaseFileLock:
        return filelock.FileLock(self.directory / ".lock")


def _scored(
    frame: pd.DataFrame,
    planned: Container[str],
    kept: Iterable[tuple[Any, Cell, dict[str, Any]]],
) -> pd.DataFrame:
    """With the scores against the single-task references among the rows.

    A run of the plan is held against references of the plan: both are of today's code.
    """
    by_rank = sorted(kept, key=lambda entry: entry[0])  # what a task is, its last result says
    return score(
        frame,
        {cell.key: (cell.key in planned, single_task.conditions(cell)) for _, cell, _ in by_rank},
        {cell.task_name: result["heads"] for _, cell, result in by_rank if "heads" in result},
    )


def tidy(cell: Cell, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of runs.parquet of one cell."""
    chosen = result.get("hyperparameters", cell.hyperparameters)
    shared = {
        "strategy": cell.name,
        "task": cell.task_name,
        "device": cell.device,
        "xla": "on" if cell.xla else "off",
        "precision": cell.precision,
        "steps": cell.steps,
        "learning_rate": result.get("learning_rate", cell.learning_rate),
        "budget": cell.budget,
        "delta_m": math.nan,
        "normalized_score": math.nan,
        "label": cell.label,
        "cell": cell.key,
        "batch_size": cell.batch_size,
        "optimizer": cell.optimizer,
        **result["timing"],
        **{key: result[key] for key in ("contract", "cost")},
        **{f"hp/{key}": json.dumps(value) for key, value in chosen.items()},
    }
    primary = f"metric/{result['primary']}/test"
    return [
        {**shared, **row, "primary_metric": row.get(primary, math.nan)} for row in result["seeds"]
    ]
