"""From options to cells: every choice is checked here, before anything runs or is written."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...strategies.core import registry
from ..machine import environment
from . import single_task, static_weights, tasks
from .cell import Cell, resolve, untunable
from .presets import PRESETS
from .request import XLA, choose, data_dir, scales, words

if TYPE_CHECKING:
    from ...datasets.core.task import Task


DEVICES = ("cpu", "gpu")
ENGINES = ("local",)
HEADS = ("own", "weighted")  # see Step


@dataclasses.dataclass(frozen=True)
class Plan:
    """What one run is asked for.

    Attributes:
        cells: in the order in which they run.
        tasks: by name, with where each came from.
        content: what the report reads: preset, command, strategies, tasks, references, curves.
        left_out: which of all tasks are left out, or left untuned, and what to do about it, in one
            line, or "".
    """

    cells: tuple[Cell, ...]
    tasks: dict[str, tuple[Task, str]]
    content: dict[str, Any]
    left_out: str = ""

    def alone(self, cell: Cell) -> str | None:
        """The head that a reference cell trains alone, or None."""
        labels = self.content["references"].get(cell.task_name, {})
        return next((head for head, label in labels.items() if label == cell.label), None)

    def on_curve(self, cell: Cell) -> bool:
        """Whether a cell is a point of a static-weights curve."""
        return cell.label in self.content["curves"].get(cell.task_name, ())


def build(options: argparse.Namespace, command: str) -> Plan:
    """The cells that the options ask for.

    Raises:
        ValueError: an option has no such choice; the message names the nearest one.
    """
    preset = PRESETS[choose("preset", options.preset, PRESETS)]
    choose("engine", options.engine, ENGINES)
    sources, left_out = words(options.tasks) or list(preset.tasks), ""
    if "all" in sources:
        at = sources.index("all")
        sources[at : at + 1], left_out = tasks.all_ready(data_dir(options))
    wanted = words(options.strategies)
    strategies = (
        registry.names() if wanted == ["all"] else wanted or preset.strategies or registry.names()
    )
    labels = list(dict.fromkeys(registry.label(registry.get(name)) for name in strategies))
    settings = {
        "seeds": tuple(range(options.seeds or preset.seeds)),
        "steps": options.steps or preset.steps,
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
        "precision": "float32",
        "heads": choose("heads", options.heads, HEADS),
        "vectorised": not options.sequential,
    }
    tune = preset.tune if options.tune is None else options.tune
    sources = tasks.vary(sources, options.optimizer, scales(options.scale))
    found = {task.name: (task, source) for source in sources for task in [tasks.get(source)]}
    devices = [choose("devices", device, DEVICES) for device in words(options.devices) or ["cpu"]]
    variants = XLA[choose("xla", options.xla, XLA)] if options.xla else preset.xla
    cells = [
        resolve(strategy, task, source, device=device, xla=xla, **settings)
        for task, source in found.values()
        for strategy in strategies
        for device in devices
        for xla in variants
    ]
    # What is more than the strategies themselves runs in one variant: outcomes hardly depend on it.
    more, untuned = _more(
        found, strategies, tune, options, device=devices[0], xla=variants[0], **settings
    )
    cells += more
    left_out = "; ".join(filter(None, (left_out, *untuned)))
    order = list(found)  # what depends on a task is made once by a worker
    cells = list({cell.key: cell for cell in cells}.values())
    cells.sort(key=lambda cell: order.index(cell.task_name))
    content = {
        "preset": options.preset,
        "command": command,
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "strategies": labels,
        "tasks": {name: _about(task, cells) for name, (task, _) in found.items()},
        "tune": tune,
        "references": single_task.among(cells, (task for task, _ in found.values())),
        "curves": static_weights.among(cells, (task for task, _ in found.values())),
        "cells": [cell.key for cell in cells],
    }
    return Plan(tuple(cells), found, content, left_out)


def _more(
    found: Mapping[str, tuple[Task, str]],
    strategies: Sequence[str],
    tune: int,
    options: argparse.Namespace,
    **settings: Any,
) -> tuple[list[Cell], list[str]]:
    """Tuned cells, references and curves of each task, and why tasks go untuned.

    Raises:
        ValueError: --tune was asked for on a task that can't be tuned.
    """
    cells, untuned = [], []
    for task, source in found.values():
        reason = untunable(task) if tune else ""
        if reason and options.tune:
            raise ValueError(reason)
        if reason:
            untuned.append(reason)
        for trials in dict.fromkeys((0, 0 if reason else tune)):
            at = settings | {"trials": trials}
            if trials:
                cells += [resolve(name, task, source, **at) for name in strategies]
            if options.references:
                cells += single_task.cells(task, source, **at)
        if options.curves:
            cells += static_weights.cells(task, source, **settings, trials=0 if reason else tune)
    return cells, untuned


def beside(plan: Plan, stored: Iterable[Cell]) -> dict[str, Any]:
    """The plan's content with those stored cells that belong beside it in a table.

    A cell does when it has the settings that the plan has for its task, and its code is today's:
    whoever runs one more strategy sees it beside all that ran before. One that trains a single
    loss is a reference, and one with the weights of a curve a point of it: strategies only when
    they are asked for.
    """
    wanted = {cell.key for cell in plan.cells}
    settings = {cell.setting for cell in plan.cells}
    others = [
        cell
        for cell in stored
        if cell.key not in wanted and cell.setting in settings and _is_current(plan, cell)
    ]
    others.sort(key=lambda cell: cell.label)
    of_plan = [task for task, _ in plan.tasks.values()]
    alone = single_task.among([*plan.cells, *others], of_plan)
    curves = static_weights.among([*plan.cells, *others], of_plan)
    aside = {
        task.name: {*alone.get(task.name, {}).values(), *curves.get(task.name, ())}
        for task in of_plan
    }
    strategies = [
        *plan.content["strategies"],
        *(cell.label for cell in others if cell.label not in aside[cell.task_name]),
    ]
    return {
        **plan.content,
        "strategies": list(dict.fromkeys(strategies)),
        "references": alone,
        "curves": curves,
        "cells": [*(cell.key for cell in others), *plan.content["cells"]],
    }


def _is_current(plan: Plan, cell: Cell) -> bool:
    task, source = plan.tasks[cell.task_name]
    fixed = ("seeds", "steps", "batch_size", "learning_rate", "optimizer", "device", "xla")
    fixed += ("precision", "heads", "vectorised", "trials", "judged")
    try:
        today = resolve(cell.strategy, task, source, **{key: getattr(cell, key) for key in fixed})
    except (ValueError, OSError):  # a plug-in file that is gone
        return False
    return today.key == cell.key


def workers(options: argparse.Namespace, device: str) -> tuple[int, int]:
    """Number of worker processes and TensorFlow threads of each.

    One thread each: the matrices are small, so two processes do more than one with two threads.
    """
    cores = environment.cores()
    count = options.jobs or (cores if device == "cpu" else 1)
    return count, max(1, cores // count)


def _about(task: Task, cells: Sequence[Cell]) -> dict[str, Any]:
    cell = next(cell for cell in cells if cell.task_name == task.name)
    return {
        "summary": task.summary,
        "source": task.source,
        "dataset": task.dataset,
        "primary": task.primary,
        "steps": cell.steps,
        "batch_size": cell.batch_size,
        "learning_rate": cell.learning_rate,
        "learning_rates": list(task.searched_rates),
        "optimizer": cell.optimizer,
        "seeds": len(cell.seeds),
        "metrics": tasks.metrics(task),
        "heads": [
            {"name": head.name, "kind": head.kind, "weight": head.weight} for head in task.heads
        ],
    }
