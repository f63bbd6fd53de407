"""How long a run will still take: what its cells should cost, corrected by those that have run.

    seconds = start + step * steps * runs       of a cell; a gradient for each loss costs more

`start` and `step` of a task are measured before the first cell, where that is worth it. What the
cells that ran took, over what they should have taken, corrects the rest: of the same task first,
of all tasks where a task has not begun, the last ones counting most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..strategies.core import registry

if TYPE_CHECKING:
    from .plan.cell import Cell

# Medians over the cells of two recorded runs: `quick` and `tasks` of an earlier version.
GRADIENTS = {"start": 1.4, "step": 1.5}  # with a gradient for each loss, over one of the sum
XLA = {"start": 5.0, "step": 0.6}  # compiled, over not
BESIDE = 0.7  # what a cell costs beside tracing and steps, over what tracing takes without XLA
MEMORY = 0.97  # weight of a cell that ran, over that of the one after it
# Seconds of cells that ran as expected, before any has: of all tasks, and of one beside them.
MEASURED, GUESSED, OF_TASK = 60.0, 5.0, 6.0


class Cost(NamedTuple):
    """Seconds to start a cell of a task, and of a step of one run, of the plain sum without XLA.

    The defaults are those of small models on a core of a typical machine.
    """

    start_s: float = 0.7
    step_s: float = 6e-5

    @classmethod
    def measured(cls, cell: Cell, compile_s: float, step_s: float) -> Cost:
        """From what tracing and a step of some cell of the task took."""
        start, step = _factors(cell)
        beside = BESIDE * compile_s / (XLA["start"] if cell.xla else 1.0)
        return cls((compile_s + beside) / start, step_s / step)


def seconds(cell: Cell, cost: Cost = Cost()) -> float:  # noqa: B008
    """What a cell should take in a process of its own.

    Args:
        cell: with `steps` and `runs`, those of tuning among them.
        cost: of its task.
    """
    start, step = _factors(cell)
    return start * cost.start_s + step * cost.step_s * cell.steps * cell.runs


def _factors(cell: Cell) -> tuple[float, float]:
    several = registry.get(cell.strategy).asks not in ("loss", "features")
    start, step = (
        (GRADIENTS[what] if several else 1.0) * (XLA[what] if cell.xla else 1.0)
        for what in ("start", "step")
    )
    return start, step


class Remaining:
    """The time that is left of a run; told what starts, goes on and ends, and when.

    Args:
        cells: in the order in which they run, task by task.
        jobs: how many run at once.
        costs: task to what was measured of it; the default for the others.

    Example:
        >>> Remaining([], jobs=2).seconds(at=0.0)
        0.0
    """

    def __init__(
        self, cells: Sequence[Cell], jobs: int, costs: Mapping[str, Cost] | None = None
    ) -> None:
        costs = costs or {}
        self._jobs = jobs
        self._trust = MEASURED if costs else GUESSED
        self._tasks = [cell.task_name for cell in cells]
        self._expected = []
        seen: dict[str, int] = {}
        for cell in cells:
            cost = costs.get(cell.task_name, Cost())
            seen[cell.task_name] = seen.get(cell.task_name, 0) + 1
            first = seen[cell.task_name] <= jobs  # a process makes data and model of a task once
            self._expected.append(seconds(cell, cost) + first * cost.start_s)
        self._share = [0.0] * len(cells)
        self._began: dict[int, float] = {}  # of the cells that run
        self._took: dict[int, float] = {}  # of those that have, in the order of their ends

    def started(self, cell: int, at: float) -> None:
        """A cell has begun."""
        self._began[cell] = at

    def advanced(self, cell: int, share: float) -> None:
        """A cell has done a further share of its steps."""
        self._share[cell] = min(1.0, self._share[cell] + share)

    def finished(self, cell: int, at: float) -> float:
        """A cell has ended, whatever came of it; returns the seconds that it took."""
        self._share[cell] = 1.0
        self._took[cell] = at - self._began.pop(cell, at)
        return self._took[cell]

    @property
    def share(self) -> float:
        """The share of the expected work that is done."""
        done = sum(s * e for s, e in zip(self._share, self._expected, strict=True))
        return done / (sum(self._expected) or 1.0)

    def seconds(self, at: float) -> float:
        """Seconds from `at` to the end of the last cell."""
        overall, of_task = self._corrections(at)
        left = [
            (1 - share) * expected * of_task.get(task, overall)
            for share, expected, task in zip(self._share, self._expected, self._tasks, strict=True)
            if share < 1
        ]
        # The last cells do not keep all processes busy, and none ends before its longest.
        return max([sum(left) / max(1, min(self._jobs, len(left))), *left, 0.0])

    def _corrections(self, at: float) -> tuple[float, dict[str, float]]:
        """Time taken over time expected: of all cells, and of each task that has begun."""
        seen = [(cell, took, self._expected[cell]) for cell, took in self._took.items()]
        for cell, began in self._began.items():  # a long cell tells before it ends
            if self._share[cell] > 0.25:
                seen.append((cell, at - began, self._share[cell] * self._expected[cell]))
        sums = {"": [self._trust, self._trust]}
        weight = 1.0
        for cell, took, expected in reversed(seen):
            for key in ("", self._tasks[cell]):
                found = sums.setdefault(key, [0.0, 0.0])
                found[0] += weight * took
                found[1] += weight * expected
            weight *= MEMORY
        took, expected = sums.pop("")
        overall = took / expected
        return overall, {
            task: (took + OF_TASK * overall) / (expected + OF_TASK)
            for task, (took, expected) in sums.items()
        }
