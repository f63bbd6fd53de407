"""Another split of a packaged set: the same examples dealt anew, whole groups together.

One split of a few hundred examples is one draw of what is easy in the test: its standard error can
be twice that of the seeds. Several of them say how results differ between splits.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Generator
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .task import Splits

SETS = ("sk_digits", "sk_tabular")  # small, and of one kind of example
GROUP = "block"  # examples of one block, of one writer's hand, stay on one side
_number: ContextVar[int] = ContextVar("split", default=0)


def can(dataset: str) -> bool:
    """Whether a data set can be split anew: a small packaged one.

    Example:
        >>> can("sk_tabular/diabetes"), can("mnist"), can("")
        (True, False, False)
    """
    return dataset.partition("/")[0] in SETS


@dataclasses.dataclass(frozen=True)
class Resplit:
    """Makes a task's data of another split. Equal ones compare equal.

    Attributes:
        data: makes them of the packaged one.
        number: which split, from 1; 0 is the packaged one.
    """

    data: Callable[[Path], Splits]
    number: int

    def __call__(self, folder: Path) -> Splits:
        with _dealing(self.number):
            return self.data(folder)


@contextlib.contextmanager
def _dealing(number: int) -> Generator[None]:
    token = _number.set(number)
    try:
        yield
    finally:
        _number.reset(token)


def dealt(splits: dict[str, dict[str, np.ndarray]]) -> dict[str, dict[str, np.ndarray]]:
    """The arrays of a packaged set, in the split that a `Resplit` asks for.

    Every split keeps its size; where there are groups, as nearly as whole ones allow.
    """
    number = _number.get()
    if not number:
        return splits
    pooled = {
        key: np.concatenate([part[key] for part in splits.values()])
        for key in next(iter(splits.values()))
    }
    rows = np.arange(sum(len(next(iter(part.values()))) for part in splits.values()))
    groups = pooled.get(GROUP, rows)
    order = np.random.default_rng([number]).permutation(np.unique(groups))
    place = {group: i for i, group in enumerate(order.tolist())}
    rows = rows[np.argsort([place[group] for group in groups.tolist()], kind="stable")]
    ends = np.cumsum([len(next(iter(part.values()))) for part in splits.values()])
    # A group belongs to the split in which its middle lies.
    starts = np.searchsorted(ends, _middles(groups[rows]), side="right")
    return {
        split: {key: values[rows[starts == i]] for key, values in pooled.items()}
        for i, split in enumerate(splits)
    }


def _middles(groups: np.ndarray) -> np.ndarray:
    """For each row the middle of the run of equal groups in which it lies."""
    firsts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    lengths = np.diff(np.r_[firsts, len(groups)])
    return np.repeat(firsts + (lengths - 1) // 2, lengths)
