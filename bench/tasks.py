"""Tasks by name or by file, as strategies are."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import datasets
from ..datasets.core import networked
from ..datasets.core.task import Task
from ..strategies.core.plugins import Folder


def _is_task(module: ModuleType, item: Any) -> bool:
    return isinstance(item, Task)


FOLDER = Folder(
    kind="task",
    package=datasets.__name__,
    path=Path(str(datasets.__file__)).resolve().parent,
    accepts=_is_task,
    listing="lossbench list tasks",
)


def names() -> tuple[str, ...]:
    """Names of all tasks, sorted."""
    return FOLDER.names()


def get(name: str) -> Task:
    """A task by name, or by "path/to/file.py" or "path/to/file.py:attribute".

    Raises:
        ValueError: there is none (with the nearest match), or its file is broken.
    """
    task = FOLDER.load(name)
    path, _, attribute = name.partition(":")
    if path.endswith(".py"):
        name = attribute or Path(path).stem
    return task if task.name else dataclasses.replace(task, name=name)


def all_ready(folder: Path) -> tuple[tuple[str, ...], str]:
    """All tasks whose data are in the folder or need no network, and a line on the others.

    Returns:
        Names, and what was left out with the command that prepares it ("" when nothing was).
    """
    absent = {name: get(name).dataset for name in names() if _is_absent(get(name), folder)}
    if not absent:
        return names(), ""
    sets = " ".join(sorted(set(absent.values())))
    return (
        tuple(name for name in names() if name not in absent),
        f"left out, their data are not in {folder}: {', '.join(absent)}; "
        f"`lossbench prepare {sets}` fetches them over the network",
    )


def require(task: Task, folder: Path) -> None:
    """Refuse a task whose data must come over the network and have not, before anything starts.

    Raises:
        ValueError: one line with the data set, the folder and the remedy.
    """
    if _is_absent(task, folder):
        raise ValueError(networked.how_to_get(task.dataset, folder))


def _is_absent(task: Task, folder: Path) -> bool:
    return task.networked and not networked.is_there(task.dataset, folder)


def metrics(task: Task) -> dict[str, dict[str, Any]]:
    """Columns "<head>/<metric>" of a task: their direction, chance and perfect levels."""
    return {
        f"{head.name}/{metric.name}": {
            "higher_is_better": metric.higher_is_better,
            "chance": metric.chance,
            "perfect": metric.perfect,
        }
        for head in task.heads
        for metric in head.metrics
    }
