"""What a sweep moves: one request per value of an axis, everything else as asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...strategies.core.plugins import nearest
from . import tasks, values
from .presets import PRESETS
from .variations import OPTIMIZERS

if TYPE_CHECKING:
    from ...datasets.core.task import Task
    from .request import Request

TIMES = (0.25, 1.0, 4.0)


@dataclasses.dataclass(frozen=True)
class Axis:
    """One thing that can be moved.

    Attributes:
        words: what it is, for the label of the figure.
        field: of the request that it sets; "" for a variation of the task.
        default: the values of a task where none are given.
    """

    words: str
    field: str
    default: Callable[[Task], Sequence[Any]]


def _doubling(task: Task) -> list[int]:
    most, found = len(task.combined), []
    count = 2
    while count < most:
        found.append(count)
        count *= 2
    return [*found, most]


AXES = {
    "steps": Axis("training steps", "steps", lambda t: [max(1, round(f * t.steps)) for f in TIMES]),
    "batch": Axis(
        "examples in a step",
        "batch_size",
        lambda t: [max(1, round(f * t.batch_size)) for f in TIMES],
    ),
    "rate": Axis(
        "learning rate",
        "learning_rate",
        lambda t: [float(f"{t.learning_rate * 10**e:.3g}") for e in (-1, -0.5, 0, 0.5, 1)],
    ),
    "optimizer": Axis("optimizer", "optimizer", lambda t: OPTIMIZERS),
    "scale": Axis("factor of one loss", "", lambda t: [10.0**e for e in range(-3, 4)]),
    "width": Axis("factor of the hidden layers", "", lambda t: [0.5, 1, 2, 4]),
    "depth": Axis("layers added behind each hidden one", "", lambda t: [0, 1, 2]),
    "losses": Axis("number of losses", "", _doubling),
}


@dataclasses.dataclass(frozen=True)
class Point:
    """One value of the axis on one task: what runs there, and its name in the results."""

    task: str
    value: str
    name: str
    request: Request


def points(request: Request, axis: str, given: str | None, head: str | None) -> list[Point]:
    """The requests of a sweep, task by task.

    Args:
        request: what is asked for beside the axis; its folder holds one folder per point.
        axis: one of AXES.
        given: the values, separated by commas; None is the task's default.
        head: whose loss is scaled; None is the last one that is combined.

    Raises:
        ValueError: there is no such axis, a task does not have it, or a value is none.
    """
    if axis not in AXES:
        raise ValueError(f"--axis: no axis {axis!r}{nearest(axis, AXES)}; one of {', '.join(AXES)}")
    if head is not None and axis != "scale":
        raise ValueError(f"--head goes with --axis scale, and not with {axis}")
    sources, found = request.tasks or PRESETS[request.preset].tasks, []
    if "all" in sources:
        raise ValueError("a sweep takes tasks by name: every value is a run of its own")
    for source in sources:
        task = tasks.get(source)
        chosen = (
            list(AXES[axis].default(task)) if given is None else list(values.names("values", given))
        )
        if len(dict.fromkeys(map(str, chosen))) < 2:
            raise ValueError(f"{task.name} has no axis {axis}: a sweep needs two values or more")
        found += [_point(request, axis, source, task, str(value), head) for value in chosen]
    return found


def _point(
    request: Request, axis: str, source: str, task: Task, value: str, head: str | None
) -> Point:
    field = AXES[axis].field
    changed: dict[str, Any] = {field: value} if field else {}
    if not field:
        if source.endswith("]"):
            raise ValueError(f"{source} is varied already: name the task itself with --axis {axis}")
        scaled = head or task.combined[-1].name
        what = f"{scaled}*{value}" if axis == "scale" else f"{axis}={value}"
        source = f"{source}[{what}]"
    name = tasks.get(source).name  # refuses what the task does not have
    folder = request.out / f"{task.name}-{axis}-{value}".translate(
        str.maketrans("[]*,=/", "______")
    )
    made = dataclasses.replace(request, tasks=(source,), out=folder, **changed)
    return Point(task.name, value, name, made)
