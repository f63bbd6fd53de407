"""How far a run is: a live bar in a terminal, one plain line per cell elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
from rich.text import Text

from .estimate import Cost, Remaining
from .text.words import clock, count

if TYPE_CHECKING:
    from .plan.cell import Cell
    from .workers.pool import Event


class LiveBar:
    """A bar while the block runs, in a terminal; nothing elsewhere."""

    def __init__(
        self, console: Console, total: float, *columns: str | ProgressColumn, **fields: Any
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
    """Follows the events of a run: what is done, what came of it, and the time that is left.

    Args:
        cells: in the order in which they run.
        console: to show them on.
        jobs: how many run at once.
        costs: task to what was measured of it, for the time that is left.
    """

    def __init__(
        self,
        cells: Sequence[Cell],
        console: Console,
        jobs: int = 1,
        costs: Mapping[str, Cost] | None = None,
    ) -> None:
        self._cells = cells
        self._remaining = Remaining(cells, jobs, costs)
        self._finished = 0
        self._noted: set[str] = set()
        self.failures = 0
        cells_column = TextColumn("{task.fields[cells]}")
        super().__init__(console, 1.0, cells_column, _Left(self), cells="")

    @property
    def left(self) -> float:
        """Seconds until the end."""
        return self._remaining.seconds(time.monotonic())

    def follow(self, event: Event) -> None:
        """Show an event."""
        i, cell, now = event.index, self._cells[event.index], time.monotonic()
        if event.kind == "start":
            self._remaining.started(i, now)
        elif event.kind == "steps":
            self._remaining.advanced(i, event.content["steps"] / (cell.steps * cell.runs))
        else:
            took = self._remaining.finished(i, now)
            self._finished += 1
            self._report(event, cell, took)
        if self._bar:
            self._bar.update(
                self._task,
                completed=self._remaining.share,
                description=f"{cell.label} on {cell.task_name}",
                cells=f"{self._finished}/{count(len(self._cells), 'cell')}",
            )

    def _report(self, event: Event, cell: Cell, took: float) -> None:
        for note in event.content.get("notes", ()):
            if note not in self._noted:
                self._noted.add(note)
                self._console.print(Text(note), soft_wrap=True)
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
        variant = "xla" if cell.xla else "graph"
        variant += f", {count(cell.budget, 'trial')}" if cell.budget else ""
        line = (
            f"[{self._finished}/{len(self._cells)}] {cell.label} on {cell.task_name} "
            f"({cell.device}, {variant}): {outcome}, {took:.1f} s, {clock(self.left)} left"
        )
        self._console.print(Text(line, style="red" if bad else ""), soft_wrap=True)


class _Left(ProgressColumn):
    """The time that is left."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self._display = display

    def render(self, task: object) -> Text:
        return Text(f"{clock(self._display.left)} left")
