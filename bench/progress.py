"""How far a run is: a live bar in a terminal, one plain line per cell elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
from rich.text import Text

from .plan.plan import seconds
from .text.words import clock, count

if TYPE_CHECKING:
    from .plan.cell import Cell
    from .workers.pool import Event


class LiveBar:
    """A bar while the block runs, in a terminal; nothing elsewhere."""

    def __init__(
        self, console: Console, total: float, *columns: str | ProgressColumn, **fields: str
    ) -> None:
        self._console = console
        self._began = time.monotonic()
        shown = (TextColumn("{task.description}"), BarColumn(), *columns)
        self._bar = (
            Progress(*shown, console=console, transient=True) if console.is_terminal else None
        )
        if self._bar:
            self._task = self._bar.add_task("starting", total=total, **fields)

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar:
            self._bar.stop()


class Display(LiveBar):
    """Follows the events of a run.

    The time that is left is the work that is left at the speed seen so far in this run; work is
    counted in seconds that a typical machine takes, start-up and compilation included.
    """

    def __init__(self, cells: Sequence[Cell], console: Console) -> None:
        self._cells = cells
        self._work = [seconds(cell) for cell in cells]
        self._total = sum(self._work)
        self._done = [0.0] * len(cells)
        self._finished = 0
        self._started: dict[int, float] = {}
        self.failures = 0
        cells_column = TextColumn("{task.fields[cells]}")
        super().__init__(console, self._total, cells_column, _Left(self), cells="")

    @property
    def left(self) -> float | None:
        """Seconds until the end, or None as long as nothing is known."""
        done = sum(self._done)
        elapsed = time.monotonic() - self._began
        return elapsed * (self._total - done) / done if done > 0 else None

    def follow(self, event: Event) -> None:
        """Show an event."""
        i, cell = event.index, self._cells[event.index]
        if event.kind == "start":
            self._started[i] = time.monotonic()
        elif event.kind == "steps":
            share = event.content["steps"] / (cell.steps * cell.runs)
            self._done[i] = min(self._work[i], self._done[i] + share * self._work[i])
        else:
            self._done[i] = self._work[i]
            self._finished += 1
            self._report(event, cell, time.monotonic() - self._started[i])
        if self._bar:
            self._bar.update(
                self._task,
                completed=sum(self._done),
                description=f"{cell.label} on {cell.task_name}",
                cells=f"{self._finished}/{count(len(self._cells), 'cell')}",
            )

    def _report(self, event: Event, cell: Cell, took: float) -> None:
        bad = event.kind != "done"
        if bad:
            outcome = f"{event.kind}: {event.content['reason']}"
        else:
            statuses = event.content["statuses"]
            fine = statuses.count("ok")
            outcome = f"{fine}/{len(statuses)} seeds ok"
            if fine < len(statuses):
                outcome += f", {len(statuses) - fine} diverged"
        self.failures += bad
        if self._bar and not bad:
            return
        left = "" if self.left is None else f", {clock(self.left)} left"
        variant = "xla" if cell.xla else "graph"
        variant += f", {count(cell.budget, 'trial')}" if cell.budget else ""
        line = (
            f"[{self._finished}/{len(self._cells)}] {cell.label} on {cell.task_name} "
            f"({cell.device}, {variant}): {outcome}, {took:.1f} s{left}"
        )
        self._console.print(Text(line, style="red" if bad else ""), soft_wrap=True)


class _Left(ProgressColumn):
    """The time that is left."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self._display = display

    def render(self, task: object) -> Text:
        left = self._display.left
        return Text("estimating ..." if left is None else f"{clock(left)} left")
