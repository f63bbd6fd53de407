"""The command `lossbench plan`: what `run` would do, with the same options."""

from __future__ import annotations

import argparse
import dataclasses

from .run import options, request

__all__ = ["execute", "options"]


def execute(options: argparse.Namespace) -> int:
    """Prints the cells, and which of them are there; writes nothing and looks at no data."""
    from ..estimate import seconds
    from ..plan import plan
    from ..plan.cell import Cell
    from ..store.store import Store
    from ..text.words import clock, count

    planned = plan.build(request(options))
    there = {
        dataclasses.replace(Cell.from_json(stored.spec), data="").key
        for stored in Store(planned.request.out).stored()
        if stored.stands
    }
    missing = [cell for cell in planned.cells if cell.key not in there]
    for cell in planned.cells:
        state = "to run" if cell in missing else "there"
        variant = "xla" if cell.xla else "graph"
        head = planned.single_task(cell)
        print(
            f"{cell.key}  {state:6}  {cell.label} on {cell.task_name}, {cell.device}, {variant}, "
            f"{len(cell.seeds)} seeds, {cell.steps} steps"
            + (f", {cell.budget} trials" if cell.budget else "")
            + (f", single-task: {head}" if head else "")
        )
    jobs, _ = plan.workers(planned.request.jobs, "cpu")
    took = sum(seconds(cell) for cell in missing) / jobs
    if planned.left_out:
        print(planned.left_out)
    total = count(len(planned.cells), "cell")
    kept = len(missing) < len(planned.cells)
    print(
        f"{total}, {len(missing)} to run: very roughly {clock(took)}"
        + ("; the others are there, if their data are what they were" if kept else "")
    )
    return 0
