"""Tasks by name or by file, as strategies are."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import datasets
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


def metrics(task: Task) -> dict[str, dict[str, Any]]:
    """Columns "<head>/<metric>" of a task, each with its direction and chance level."""
    return {
        f"{head.name}/{metric.name}": {
            "higher_is_better": metric.higher_is_better,
            "chance": metric.chance,
        }
        for head in task.heads
        for metric in head.metrics
    }
