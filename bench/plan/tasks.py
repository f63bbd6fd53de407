"""Tasks by name or by file, as strategies are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ... import datasets
from ...datasets.core import networked, resplit
from ...datasets.core.task import Task
from ...strategies.core.plugins import Folder, nearest
from . import variations


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
    """A task by name, or by "path/to/file.py" or "path/to/file.py:attribute"; with its variation.

    Args:
        name: "units", "autoencode[sgd]", "two_digits[right*0.01]", "path/to/file.py:task[sgd]".

    Raises:
        ValueError: there is none (with the nearest match), its file is broken, or it cannot be
            varied so.
    """
    source = variations.base(name)
    task = FOLDER.load(source)
    path, _, attribute = source.partition(":")
    if path.endswith(".py"):
        source = attribute or Path(path).stem
    named = task if task.name else dataclasses.replace(task, name=source)
    return variations.vary(named, variations.parse(name), with_sgd)


def with_sgd() -> tuple[str, ...]:
    """Names of the tasks that have a learning rate for SGD."""
    return tuple(name for name in names() if FOLDER.load(name).sgd_learning_rate is not None)


def file_of(source: str) -> Path:
    """The file that a task comes from, varied or not."""
    return FOLDER.file_of(variations.base(source))


def base(source: str) -> str:
    """A task without its variation: "two_digits" of "two_digits[right*0.01]"."""
    return variations.base(source)


def vary(
    sources: Sequence[str], optimizer: str | None = None, scales: Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """Tasks varied by what options ask for, as `get` takes them, in canonical form.

    A task without a scaled head stays as it is: one option serves tasks with different heads. What
    a source says in its brackets counts more than an option.

    Args:
        sources: what `get` takes.
        optimizer: "adam", "sgd", or None for each task's own.
        scales: head to the factor of its loss.

    Raises:
        ValueError: no task has one of the heads, a task has no learning rate for the optimizer, a
            factor is not positive and finite.

    Example:
        >>> vary(["two_digits", "autoencode[sgd]"], scales={"right": 0.01})
        ('two_digits[right*0.01]', 'autoencode[sgd]')
    """
    heads = {source: [head.name for head in get(source).heads] for source in sources}
    known = list(dict.fromkeys(head for found in heads.values() for head in found))
    for head in scales or {}:
        if head not in known:
            raise ValueError(
                f"no task of this run has a loss {head!r}{nearest(head, known)}; "
                f"there are {', '.join(known)}"
            )
    varied = []
    for source in sources:
        said = variations.parse(source)
        parts = [optimizer] if optimizer and not said.optimizer else []
        parts += [
            f"{head}*{by!r}"
            for head, by in (scales or {}).items()
            if head in heads[source] and head not in said.scales
        ]
        within = source.removeprefix(base(source)).removeprefix("[").removesuffix("]")
        task = get(f"{base(source)}[{','.join([within, *parts])}]")
        varied.append(base(source) + task.name.removeprefix(base(task.name)))
    return tuple(dict.fromkeys(varied))


def with_splits(sources: Sequence[str], count: int) -> tuple[str, ...]:
    """Each task, followed by itself on so many splits in all, where its data can be split anew.

    Example:
        >>> with_splits(["units", "photo", "shortcut[sgd]"], 2)
        ('units', 'units[split=1]', 'photo', 'shortcut[sgd]', 'shortcut[sgd,split=1]')
    """
    found = []
    for source in sources:
        found.append(source)
        if resplit.can(get(source).dataset) and "split" not in variations.parse(source).sizes:
            start = f"{source.removesuffix(']')}," if source.endswith("]") else f"{source}["
            found += [f"{start}split={number}]" for number in range(1, count)]
    return tuple(found)


def all_ready(folder: Path) -> tuple[tuple[str, ...], str]:
    """All tasks whose data are in the folder or need no network, and a line on the others.

    Each is followed by the variations that belong to the benchmark.

    Returns:
        Names, and what was left out with the command that prepares it ("" when nothing was).
    """
    absent = {name: get(name).dataset for name in names() if _is_absent(get(name), folder)}
    ready = tuple(
        each
        for name in names()
        if name not in absent
        for each in (name, *(f"{name}[{variation}]" for variation in get(name).variations))
    )
    if not absent:
        return ready, ""
    sets = " ".join(sorted(set(absent.values())))
    return (
        ready,
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
    """Columns "<head>/<metric>" of a task: direction, levels of chance, perfection and oracle."""
    return {
        f"{head.name}/{metric.name}": {
            "higher_is_better": metric.higher_is_better,
            "chance": metric.chance,
            "perfect": metric.perfect,
            "oracle": metric.oracle,
        }
        for head in task.heads
        for metric in head.metrics
    }
