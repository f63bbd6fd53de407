"""Results on disk: one folder per cell, there whole or not at all.

    DIR/plan.json           what the last run was asked for
    DIR/cells/<key>/        spec.json, env.json, result.json, series.parquet, trials.parquet
    DIR/runs.parquet        one tidy row per (cell, seed), collected from the cells
    DIR/trials.parquet      one row per (cell, trial) of the cells that were tuned

A cell is written beside its place and renamed. Several processes may share a folder. What is read
is held against the schema: a cell that does not fit is left out, and run again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import pandas as pd

from . import json_object, parquet_table, version
from .collection import Collected, collect
from .json_object import ObjectError
from .schema import (
    CELLS,
    ENVIRONMENT,
    PLAN,
    RESULT,
    RUNS,
    SCHEMA,
    SPEC,
    TRIALS,
    Each,
)
from .stored import Stored, read
from .version import StoreError

if TYPE_CHECKING:
    from ..plan.cell import Cell

PATIENCE = 60.0  # seconds to wait for another process: it holds the lock for one or two


class Store:
    """The results folder of one or several runs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.cells = directory / CELLS

    def open(self) -> None:
        """Ask whether the folder can be used; what is made to find out is removed again.

        Raises:
            StoreError: it is of another version, it holds tables without their cells, or it can't
                be written.
        """
        try:
            version.require(self.directory)
            if (self.directory / RUNS).exists() and not self.cells.is_dir():
                raise StoreError(
                    f"{self.directory} holds the tables of a study without its cells, which a run "
                    f"would replace: choose another folder with --out, or remove its {RUNS}"
                )
            new = [path for path in (self.cells, *self.cells.parents) if not path.exists()]
            self.cells.mkdir(parents=True, exist_ok=True)
            probe = self.directory / f".write-{uuid.uuid4().hex}"
            probe.touch()
            probe.unlink()
            with contextlib.suppress(OSError):  # another process writes there already
                for path in new:
                    path.rmdir()
        except OSError as error:
            raise StoreError(
                f"can't write results to {self.directory} ({error.strerror}); "
                "choose another folder with --out"
            ) from error

    def has(self, cell: Cell) -> bool:
        """Whether the cell is there with a result that stands."""
        try:
            return read(self.cells / cell.key).stands
        except ObjectError:
            return False

    def write(
        self,
        cell: Cell,
        result: dict[str, Any],
        env: dict[str, Any],
        tables: Mapping[str, pd.DataFrame],
    ) -> None:
        """Write a cell beside its place, then put it there; a result that stands is kept.

        Args:
            tables: name to table, each written as <name>.parquet.
        """
        temporary = self.cells / f".{cell.key}-{uuid.uuid4().hex[:8]}"
        temporary.mkdir(parents=True)
        try:
            json_object.write(temporary / SPEC, {"schema": SCHEMA, **cell.json()})
            json_object.write(temporary / ENVIRONMENT, env)
            json_object.write(temporary / RESULT, {**result, "finished": time.time()})
            for name, table in tables.items():
                table.to_parquet(temporary / f"{name}.parquet", index=False)
            with self._lock():
                if self.has(cell):
                    return
                os.utime(temporary / RESULT)  # later than any table that was collected before
                shutil.rmtree(self.cells / cell.key, ignore_errors=True)
                os.replace(temporary, self.cells / cell.key)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def write_plan(self, plan: dict[str, Any], env: dict[str, Any]) -> None:
        """What the run was asked for, for the report."""
        self.cells.mkdir(parents=True, exist_ok=True)
        json_object.write(self.directory / PLAN, {"schema": SCHEMA, **plan})
        json_object.write(self.directory / ENVIRONMENT, env)

    def collect(self) -> Collected:
        """Gather all cells into runs.parquet and trials.parquet; without cells these stay.

        Raises:
            OSError: they can't be written, or another process has had the folder for a minute.
        """
        if not self._results():
            return self.gathered()
        with self._lock(PATIENCE):
            found = self.gathered()
            if not found.trials.empty:
                parquet_table.write(self.directory / TRIALS, found.trials)
            elif not found.runs.empty:
                (self.directory / TRIALS).unlink(missing_ok=True)
            if not found.runs.empty:
                parquet_table.write(self.directory / RUNS, found.runs)
        return found

    def gathered(self) -> Collected:
        """The tables that `collect` writes, in memory."""
        return collect(self.stored(), self._planned())

    def stale(self) -> bool:
        """Whether cells or a plan have come since the tables were collected.

        So it is after a run was stopped. Told by content and not by time alone: clocks jump, and
        copies have times of their own.
        """
        results, table = self._results(), self.directory / RUNS
        if not results:
            return False
        try:
            collected = table.stat().st_mtime_ns
            there = set(pd.read_parquet(table, columns=["cell"])["cell"])
            times = [path.stat().st_mtime_ns for path in (self.directory / PLAN, *results)]
        except (OSError, ValueError, KeyError):
            return True
        finished = {path.parent.name for path in results}
        return max(times) >= collected or bool((finished & self._planned()) - there)

    def stored(self) -> Iterator[Stored]:
        """All cells that are there, whatever their outcome."""
        for path in self._results():
            try:
                yield read(path.parent)
            except ObjectError:  # see `refused`
                continue

    def refused(self, known: set[str]) -> dict[str, str]:
        """Folders of `cells/` that are no cells of this version, and why; but those known."""
        found = {}
        for folder in sorted(self.cells.glob("[!.]*/")):
            if folder.name not in known:
                try:
                    read(folder)
                except ObjectError as error:
                    found[folder.name] = str(error)
        return found

    def _results(self) -> list[Path]:
        return sorted(self.cells.glob(f"[!.]*/{RESULT}"))

    def _planned(self) -> set[str]:
        try:
            return set(json_object.read(self.directory / PLAN, {"cells": Each(str)})["cells"])
        except (FileNotFoundError, ObjectError):
            return set()

    def _lock(self, patience: float = -1) -> filelock.BaseFileLock:
        return filelock.FileLock(self.directory / ".lock", timeout=patience)
