"""Variations of a task: another optimizer, losses times a constant, another size, fewer losses.

Written behind the task's name, in brackets: `autoencode[sgd]`, `two_digits[right*0.01]`,
`moments[sgd,code*10]`. A varied task has that name, so that its results and single-task runs are
its own; its data, weights, batches and noise are those of the task itself, so both are paired.
`units[width=2]`, `units[depth=1]` and `units[losses=2]` have hidden layers of twice the size, one
more behind each, and the first two losses; `units[split=1]` has another split of its data.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ...datasets.core import resplit
from ...datasets.core.resized import Resized
from ...strategies.core.plugins import nearest

if TYPE_CHECKING:
    from ...datasets.core.task import Task


OPTIMIZERS = ("adam", "sgd")
SIZES = {"width": float, "depth": int, "losses": int, "split": int}
EXPECTED = (
    f"{' or '.join(OPTIMIZERS)}, a head and its factor, or {', '.join(SIZES)}, as in [sgd], "
    "[right*0.01] or [width=2]"
)


@dataclasses.dataclass(frozen=True)
class Scaled:
    """A loss times a constant: elements (B, O). Equal ones compare equal."""

    loss: Callable[..., Any]
    factor: float

    def __call__(self, outputs: Any, batch: Any) -> Any:
        return self.factor * self.loss(outputs, batch)


@dataclasses.dataclass(frozen=True)
class Variation:
    """What is varied.

    Attributes:
        optimizer: "sgd" or "adam", or None for the task's own.
        scales: head to the factor of its loss.
        sizes: "width", the factor of hidden layers; "depth", the layers that are added behind each;
            "losses", how many of the first are kept; "split", which other split of the data.
    """

    optimizer: str | None = None
    scales: Mapping[str, float] = dataclasses.field(default_factory=dict)
    sizes: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def and_also(self, other: Variation) -> Variation:
        """Both together.

        Raises:
            ValueError: both say something about the same thing.
        """
        for head in self.scales:
            if head in other.scales:
                raise ValueError(f"the loss {head!r} is scaled twice: give one factor")
        for size in self.sizes:
            if size in other.sizes:
                raise ValueError(f"{size} is given twice: give it once")
        if self.optimizer and other.optimizer and self.optimizer != other.optimizer:
            raise ValueError(f"both {self.optimizer} and {other.optimizer}: a run has one of them")
        return Variation(
            self.optimizer or other.optimizer,
            {**self.scales, **other.scales},
            {**self.sizes, **other.sizes},
        )


def base(source: str) -> str:
    """A task without its variation.

    Example:
        >>> base("path/to/file.py:task[sgd,right*0.01]")
        'path/to/file.py:task'
    """
    return source.partition("[")[0] if source.endswith("]") else source


def parse(source: str) -> Variation:
    """The variation of a task; one without brackets has an empty one.

    Raises:
        ValueError: what stands in the brackets is neither an optimizer nor head*factor, or
            something is said twice.
    """
    found = Variation()
    for part in source.removeprefix(base(source)).removeprefix("[").removesuffix("]").split(","):
        head, times, factor = (word.strip() for word in part.partition("*"))
        try:
            if times:
                found = found.and_also(Variation(scales={head: _factor(head, factor)}))
            elif "=" in head:
                found = found.and_also(Variation(sizes=_size(*map(str.strip, head.split("=", 1)))))
            elif head in OPTIMIZERS:
                found = found.and_also(Variation(head))
            elif head:
                raise ValueError(f"no variation {head!r}{nearest(head, OPTIMIZERS)}: {EXPECTED}")
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from None
    return found


def vary(task: Task, variation: Variation, have_sgd: Callable[[], Iterable[str]]) -> Task:
    """The varied task under its canonical name; the task itself where nothing changes.

    A factor multiplies the elements of the loss, and neither the hand-set weight nor a metric. SGD
    has the task's learning rate for it, and tuning searches around that.

    Args:
        task: with its name.
        variation: what to vary.
        have_sgd: tells which tasks have a learning rate for SGD, for the message.

    Raises:
        ValueError: there is no such head, or the task has no learning rate for the optimizer.
    """
    heads = [head.name for head in task.heads]
    for head in variation.scales:
        if head not in heads:
            raise ValueError(
                f"{task.name} has no loss {head!r}{nearest(head, heads)}; it has {', '.join(heads)}"
            )
    changes: dict[str, Any] = {}
    if variation.optimizer not in (None, task.optimizer):
        if variation.optimizer != "sgd" or task.sgd_learning_rate is None:
            raise ValueError(
                f"{task.name} has no learning rate for {variation.optimizer}; tasks that have one "
                f"for sgd: {', '.join(have_sgd())}"
            )
        changes = {
            "optimizer": "sgd",
            "learning_rate": task.sgd_learning_rate,
            "learning_rates": None,
        }
    scales = {head: variation.scales.get(head, 1.0) for head in heads}
    if set(scales.values()) != {1.0}:
        changes["heads"] = tuple(
            head
            if scales[head.name] == 1
            else dataclasses.replace(head, loss=Scaled(head.loss, scales[head.name]))
            for head in task.heads
        )
        if max(scales.values()) / min(scales.values()) >= 10:
            changes["situation"] = "units"
    changes |= _resized(task, variation.sizes)
    if not changes:
        return task
    written = [str(changes["optimizer"])] if "optimizer" in changes else []
    written += [f"{head}*{_written(factor)}" for head, factor in scales.items() if factor != 1]
    written += [f"{size}={_written(value)}" for size, value in variation.sizes.items()]
    said = ", ".join(part.replace("sgd", "SGD").replace("*", " times ") for part in written)
    return dataclasses.replace(
        task,
        name=f"{task.name}[{','.join(written)}]",
        summary=f"{task.summary.removesuffix('.')} ({said}).",
        **changes,
    )


def _resized(task: Task, sizes: Mapping[str, float]) -> dict[str, Any]:
    """What changes in a task of another size."""
    changes: dict[str, Any] = {}
    if "width" in sizes or "depth" in sizes:
        changes["model"] = Resized(task.model, sizes.get("width", 1.0), int(sizes.get("depth", 0)))
    if "losses" in sizes:
        count = int(sizes["losses"])
        if count > len(task.combined):
            raise ValueError(f"{task.name} has {len(task.combined)} losses, and no {count}")
        kept = [head.name for head in task.combined[:count]]
        if task.primary.partition("/")[0] not in kept:
            raise ValueError(f"{task.name} is judged by {task.primary}, which is not among {kept}")
        changes["heads"] = tuple(
            head for head in task.heads if head.kind == "regulariser" or head.name in kept
        )
    if "split" in sizes:
        if not resplit.can(task.dataset):
            raise ValueError(
                f"{task.name} can't be split anew: only tasks on {', '.join(resplit.SETS)} can"
            )
        changes["data"] = resplit.Resplit(task.data, int(sizes["split"]))
    return changes


def _size(name: str, text: str) -> dict[str, float]:
    if name not in SIZES:
        raise ValueError(f"no variation {name!r}{nearest(name, SIZES)}: {EXPECTED}")
    kind, least = SIZES[name], {"width": 0.0, "depth": 0, "losses": 1, "split": 1}[name]
    try:
        value = kind(text)
    except ValueError:
        value = -1
    if not least <= value < math.inf or (name == "width" and value == 0):
        what = "a number above 0" if name == "width" else f"a whole number of at least {least}"
        raise ValueError(f"{name} is {what}, got {text!r}")
    return {name: value}


def _factor(head: str, text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = math.nan
    if not 0 < factor < math.inf:
        raise ValueError(f"the factor of {head!r} is a finite number above 0, got {text!r}")
    return factor


def _written(factor: float) -> str:
    return repr(factor).removesuffix(".0")
