"""From a request to cells: every choice is checked here, before anything runs or is written."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...strategies.core import registry
from ..machine import environment
from ..text.words import count
from . import single_task, static_weights, tasks
from .cell import Cell, resolve, untunable
from .idle import busy
from .presets import PRESETS, Preset

if TYPE_CHECKING:
    from pathlib import Path

    from ...datasets.core.task import Task
    from .request import Request


@dataclasses.dataclass(frozen=True)
class Plan:
    """The answer to a request: cells, and what the report reads of them.

    Attributes:
        request: what was asked for.
        cells: in the order in which they run.
        tasks: by name, with where each came from.
        content: what the report reads: preset, command, created, strategies (labels), tasks,
            budget, single_task (task to head to label), static_weights (task to labels), cells.
        left_out: which of all tasks are left out, or left untuned, and what to do about it, and
            which strategies have nothing to do where, in one line, or "".
    """

    request: Request
    cells: tuple[Cell, ...]
    tasks: dict[str, tuple[Task, str]]
    content: dict[str, Any]
    left_out: str = ""

    def on(self, data: Mapping[str, str]) -> Plan:
        """The plan for the data that are there.

        Args:
            data: task to the hash of its arrays.
        """
        cells = tuple(dataclasses.replace(cell, data=data[cell.task_name]) for cell in self.cells)
        of_tasks = {
            name: {**about, "data": data[name]} for name, about in self.content["tasks"].items()
        }
        keys = [cell.key for cell in cells]
        content = {**self.content, "tasks": of_tasks, "cells": keys}
        return dataclasses.replace(self, cells=cells, content=content)

    def compiled(self, xla: bool) -> Plan:
        """The plan with XLA on or off in all its cells."""
        cells = tuple(dataclasses.replace(cell, xla=xla) for cell in self.cells)
        content = {**self.content, "cells": [cell.key for cell in cells]}
        return dataclasses.replace(self, cells=cells, content=content)

    @property
    def auto(self) -> bool:
        """Whether XLA is on or off is left to a measurement; until then it is off."""
        return not self.request.variants

    def single_task(self, cell: Cell) -> str | None:
        """The head that a single-task cell trains, or None."""
        labels = self.content["single_task"].get(cell.task_name, {})
        return next((head for head, label in labels.items() if label == cell.label), None)

    def static_weights(self, cell: Cell) -> bool:
        """Whether a cell is a point of a static-weights curve."""
        return cell.label in self.content["static_weights"].get(cell.task_name, ())

    @property
    def timing(self) -> bool:
        """Whether the compiled steps are timed afterwards."""
        asked = self.request.timing
        return PRESETS[self.request.preset].timing if asked is None else asked


def build(request: Request) -> Plan:
    """The cells that a request asks for.

    Raises:
        ValueError: there is no such strategy or task (the message names the nearest one), or they
            do not go together with the rest of the request.
    """
    preset = PRESETS[request.preset]
    found, left_out = _tasks(request, preset)
    if request.strategies == ("all",):
        strategies = registry.names()
    else:
        strategies = request.strategies or preset.strategies or registry.names()
    named = [(registry.label(registry.get(name)), _file(name)) for name in strategies]
    _of_one_file("strategies", named)
    of_plan = [task for task, _ in found.values()]
    if request.strategies in (None, ("all",)):
        chosen, idle = busy(strategies, of_plan)
    else:  # what was asked for by name runs
        chosen, idle = {name: tuple(strategies) for name in found}, ""
    common = {
        "seeds": tuple(range(request.seeds or preset.seeds)),
        "steps": request.steps or preset.steps,
        "batch_size": request.batch_size,
        "learning_rate": request.learning_rate,
        "precision": "float32",
        "heads": request.heads,
        "vectorised": not request.sequential,
    }
    variants = request.variants or (False,)
    budget, untuned = request.trials, request.with_untuned
    cells = [
        resolve(strategy, task, source, device=device, xla=xla, **common)
        for task, source in found.values()
        if untuned or untunable(task)
        for strategy in chosen[task.name]
        for device in request.devices
        for xla in variants
    ]
    if request.tunings > len(common["seeds"]):
        raise ValueError(
            f"--tunings {request.tunings} with {count(len(common['seeds']), 'seed')}: each tuning "
            "needs a seed of its own at least; give more --seeds"
        )
    # What is more than the strategies themselves runs in one variant: outcomes hardly depend on it.
    common |= {"device": request.devices[0], "xla": variants[0]}
    more, reasons = _more(found, chosen, budget, untuned, request, common)
    order = list(found)  # what depends on a task is made once by a worker
    cells = list({cell.key: cell for cell in [*cells, *more]}.values())
    cells.sort(key=lambda cell: order.index(cell.task_name))
    used = {name for of_task in chosen.values() for name in of_task}
    labels = dict.fromkeys(registry.label(registry.get(n)) for n in strategies if n in used)
    content = {
        "preset": request.preset,
        "command": request.command,
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "strategies": list(labels),
        "tasks": {name: _about(task, cells) for name, (task, _) in found.items()},
        "budget": budget,
        "tunings": request.tunings,
        "idle": idle,
        "single_task": single_task.among(cells, of_plan),
        "static_weights": static_weights.among(cells, of_plan),
        "cells": [cell.key for cell in cells],
    }
    left_out = "\n".join(filter(None, (left_out, idle, *reasons)))
    return Plan(request, tuple(cells), found, content, left_out)


def _tasks(request: Request, preset: Preset) -> tuple[dict[str, tuple[Task, str]], str]:
    """Tasks by name, with where each came from, and a line on those that are left out."""
    sources, left_out = list(request.tasks or preset.tasks), ""
    if "all" in sources:
        at = sources.index("all")
        sources[at : at + 1], left_out = tasks.all_ready(request.data_dir)
    varied = tasks.vary(sources, request.optimizer, request.scale)
    varied = tasks.with_splits(varied, request.splits)
    loaded = [(tasks.get(source), source) for source in varied]
    _of_one_file("tasks", [(task.name, tasks.file_of(source)) for task, source in loaded])
    return {task.name: (task, source) for task, source in loaded}, left_out


def _file(strategy: str) -> Path:
    return registry.FOLDER.file_of(registry.parse_call(strategy)[0])


def _of_one_file(kind: str, named: Iterable[tuple[str, Path]]) -> None:
    """Refuse two files whose results would stand under one name."""
    first: dict[str, Path] = {}
    for name, file in named:
        if first.setdefault(name, file) != file:
            raise ValueError(
                f"two {kind} are called {name}: {first[name]} and {file}; rename one of them"
            )


def _more(
    found: Mapping[str, tuple[Task, str]],
    strategies: Mapping[str, Sequence[str]],
    budget: int,
    untuned: bool,
    request: Request,
    common: Mapping[str, Any],
) -> tuple[list[Cell], list[str]]:
    """Tuned, single-task and static-weights cells of each task, and why tasks go untuned.

    Raises:
        ValueError: --tune was asked for on a task that can't be tuned.
    """
    cells, reasons = [], []
    for task, source in found.values():
        reason = untunable(task) if budget else ""
        if reason and request.budget:
            raise ValueError(reason)
        if reason:
            reasons.append(reason)
        of_task = 0 if reason else budget
        for each in (0, of_task) if of_task and untuned else (of_task,):
            tuned = {**common, "budget": each, "tunings": request.tunings if each else 1}
            if each:
                cells += [resolve(name, task, source, **tuned) for name in strategies[task.name]]
            if request.single_task:
                cells += single_task.cells(task, source, **tuned)
        if request.static_weights:
            often = request.tunings if of_task else 1
            cells += static_weights.cells(task, source, **common, budget=of_task, tunings=often)
    return cells, reasons


def workers(jobs: int | None, device: str) -> tuple[int, int]:
    """Number of worker processes and TensorFlow threads of each.

    One thread each: the matrices are small, so two processes do more than one with two threads.
    """
    cores = environment.cores()
    count = jobs or (cores if device == "cpu" else 1)
    return count, max(1, cores // count)


def _about(task: Task, cells: Sequence[Cell]) -> dict[str, Any]:
    cell = next(cell for cell in cells if cell.task_name == task.name)
    return {
        "summary": task.summary,
        "source": task.source,
        "situation": task.situation,
        "dataset": task.dataset,
        "primary": task.primary,
        "steps": cell.steps,
        "batch_size": cell.batch_size,
        "learning_rate": cell.learning_rate,
        "learning_rates": list(task.searched_rates),
        "optimizer": cell.optimizer,
        "seeds": len(cell.seeds),
        "metrics": tasks.metrics(task),
        "judged": list(task.judged),
        "heads": [
            {"name": head.name, "kind": head.kind, "weight": head.weight} for head in task.heads
        ],
    }
