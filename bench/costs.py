"""What cells cost on this machine, and whether to compile them: measured before the first one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from .estimate import Cost, seconds
from .plan.cell import Cell
from .plan.plan import Plan
from .store.store import Store
from .workers.pool import Pool

WORTH_COMPILING = 0.8  # of the time without XLA: it takes memory, and the estimate is no better
WORTH_MEASURING = 8  # cells of a task from which on one is measured before they run


def measured(cells: Sequence[Cell], pool: Pool, folder: str) -> dict[str, Cost]:
    """Task to what its cells cost here, where enough are to run that the time left matters.

    Args:
        cells: compiled, or not: what is measured is as they are.
        pool: measures the cheapest of each task on a few steps.
        folder: of prepared data.
    """
    of_task: dict[str, list[Cell]] = {}
    for cell in cells:
        of_task.setdefault(cell.task_name, []).append(cell)
    chosen = [
        min(group, key=seconds) for group in of_task.values() if len(group) >= WORTH_MEASURING
    ]
    requests = [{"do": "measure", "cell": cell.json(), "data_dir": folder} for cell in chosen]
    # A cell that can't be measured says why when it is trained.
    answers = {event.index: event.content for event in pool.run(requests) if event.kind == "done"}
    return {
        chosen[i].task_name: Cost.measured(chosen[i], about["compile_s"], about["step_s"])
        for i, about in answers.items()
    }


def decided(plan: Plan, pool: Pool, store: Store) -> tuple[Plan, str]:
    """The plan with XLA on or off, where that was left to the machine, and why, in one line.

    What is in the folder decides for what comes beside it. Otherwise XLA is on when

        sum over cells of start + step * steps * runs

    is at most 0.8 of what it is without, by a start and a few steps of each task both ways. Few
    cells are not worth that, and run without.

    Args:
        plan: its cells run without XLA.
        pool: measures.
        store: where the cells will be.
    """
    if not plan.auto:
        return plan, ""
    there = [
        stored.spec["xla"] for stored in store.stored() if stored.spec["task_name"] in plan.tasks
    ]
    if there:
        on = 2 * sum(there) > len(there)
        return plan.compiled(on), f"XLA {'on' if on else 'off'}, as in what is there already"
    expected = {}
    for on in (False, True):
        cells = [dataclasses.replace(cell, xla=on) for cell in plan.cells]
        costs = measured(cells, pool, str(plan.request.data_dir))
        expected[on] = {
            task: sum(seconds(cell, cost) for cell in cells if cell.task_name == task)
            for task, cost in costs.items()
        }
    both = expected[False].keys() & expected[True].keys()
    if not both:
        return plan, ""
    off, on = (sum(expected[xla][task] for task in both) for xla in (False, True))
    chosen = on <= WORTH_COMPILING * off
    return plan.compiled(chosen), (
        f"XLA {'on' if chosen else 'off'}: {on:.0f} s of training expected with it, {off:.0f} "
        "without, by a few steps of each task (--xla on or off to choose)"
    )
