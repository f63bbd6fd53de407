"""Run a plan: what is not in the store yet, in worker processes, then collect and report."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from .costs import decided, measured
from .estimate import Cost
from .machine import environment
from .plan import tasks
from .plan.cell import Cell
from .plan.comparable import with_comparable
from .plan.plan import Plan, workers
from .progress import Display
from .store.result import result
from .store.store import Store
from .text.words import count
from .train import WORKER
from .workers.pool import Pool


class Stopped(KeyboardInterrupt):
    """Ctrl-C in a run; the message says what is there, and how to go on."""


def run(plan: Plan, console: Console) -> int:
    """Train what is missing; returns the number of cells that failed.

    Raises:
        ValueError: a strategy breaks its contract, data can't be had, or the folder can't be
            written; nothing has been written then.
        Stopped: by the user; what had finished is collected.
    """
    request = plan.request
    store = Store(request.out.absolute())
    store.open()
    for task, _ in plan.tasks.values():
        tasks.require(task, request.data_dir)
    if plan.left_out:
        console.print(plan.left_out, soft_wrap=True)
    devices = list(dict.fromkeys(cell.device for cell in plan.cells))
    jobs, threads = workers(request.jobs, devices[0])
    with Pool(WORKER, min(jobs, len(plan.cells)), threads, devices[0]) as pool:
        plan, why = decided(plan.on(digests(plan, pool)), pool, store)
        if why:
            console.print(why, soft_wrap=True)
        missing = [cell for cell in plan.cells if not store.has(cell)]
        console.print(
            f"{count(len(plan.cells), 'cell')}{_kinds(plan)}: {len(plan.cells) - len(missing)} "
            f"there already, {len(missing)} to run (results in {request.out})",
            soft_wrap=True,
        )
        try:
            return _run(plan, missing, pool, store, console)
        except KeyboardInterrupt:
            finished = sum(map(store.has, plan.cells))
            show = f", or `lossbench report {shlex.quote(str(request.out))}`" if finished else ""
            raise Stopped(
                f"stopped; {finished} of {count(len(plan.cells), 'cell')} are there: run again to "
                f"go on{show}"
            ) from None
        finally:
            store.collect()


def _run(plan: Plan, missing: Sequence[Cell], first: Pool, store: Store, console: Console) -> int:
    """Train what is missing, device by device, the first one in a pool that is there."""
    request = plan.request
    if not missing:
        store.write_plan(with_comparable(plan, _cells(store)), environment.describe(first.threads))
    failures, pool = 0, first
    for device in dict.fromkeys(cell.device for cell in plan.cells):
        chosen = [cell for cell in missing if cell.device == device]
        if not chosen:
            continue
        jobs, threads = workers(request.jobs, device)
        with contextlib.ExitStack() as stack:
            if device != first.device:
                pool = stack.enter_context(Pool(WORKER, min(jobs, len(chosen)), threads, device))
            if device != "cpu" and not accelerators(pool):
                absent = f"no {device.upper()} found by TensorFlow (see `lossbench doctor`)"
                if len(chosen) == len(plan.cells):
                    raise ValueError(f"{absent}; run with --devices cpu")
                console.print(f"{absent}: {count(len(chosen), 'cell')} left out", soft_wrap=True)
                continue
            console.print("preparing data and checking strategies ...")
            check(plan, chosen, pool)
            env = environment.describe(threads)
            store.write_plan(with_comparable(plan, _cells(store)), env)
            costs = measured(chosen, pool, str(request.data_dir))
            failures += train(chosen, costs, pool, store, env, str(request.data_dir), console)
    return failures


def _cells(store: Store) -> list[Cell]:
    """All cells that are there."""
    return [Cell.from_json(stored.spec) for stored in store.stored()]


def _kinds(plan: Plan) -> str:
    """How many of a plan's cells are more than its strategies themselves, in words."""
    single = sum(plan.single_task(cell) is not None for cell in plan.cells)
    static = sum(plan.static_weights(cell) and not plan.single_task(cell) for cell in plan.cells)
    tuned = sum(cell.budget > 0 for cell in plan.cells)
    parts = [
        *([f"{single} single-task, for delta-m"] if single else []),
        *([f"{static} of static weights, for their curve"] if static else []),
        *([f"{tuned} tuned in {plan.content['budget']} trials each"] if tuned else []),
    ]
    return f" ({'; '.join(parts)})" if parts else ""


def accelerators(pool: Pool) -> list[str]:
    """Names of the GPUs that the workers see."""
    (answer,) = (event for event in pool.run([{"do": "devices"}]) if event.kind == "done")
    return answer.content["names"]


def digests(plan: Plan, pool: Pool) -> dict[str, str]:
    """Task to the hash of its data, which are prepared where they have not been."""
    requests = [
        {"do": "digest", "task": source, "data_dir": str(plan.request.data_dir)}
        for _, source in plan.tasks.values()
    ]
    return dict(zip(plan.tasks, (a["data"] for a in _answers(pool, requests)), strict=True))


def check(plan: Plan, cells: Sequence[Cell], pool: Pool) -> None:
    """Hold tasks to their data, and strategies to their contract, before anything is trained.

    A strategy is checked once for each number of losses; tasks with as many share that work.
    """
    alike: dict[int, dict[str, str]] = {}  # number of losses -> task -> its source
    wanted: dict[int, dict[str, None]] = {}  # number of losses -> strategies
    for cell in cells:
        task, source = plan.tasks[cell.task_name]
        num_losses = len(task.combined)
        alike.setdefault(num_losses, {})[cell.task_name] = source
        wanted.setdefault(num_losses, {})[cell.strategy] = None
    requests = [
        {
            "do": "check",
            "task": source,
            "strategies": list(wanted[num_losses])[i :: len(sources)],
            "data_dir": str(plan.request.data_dir),
        }
        for num_losses, sources in alike.items()
        for i, source in enumerate(sources.values())
    ]
    _answers(pool, requests)


def _answers(pool: Pool, requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the workers answer, in the order of the requests.

    Raises:
        ValueError: one of them failed; its reason.
    """
    found: dict[int, dict[str, Any]] = {}
    for event in pool.run(requests):
        if event.kind in ("failed", "crashed"):
            raise ValueError(event.content["reason"])
        if event.kind == "done":
            found[event.index] = event.content
    return [found[index] for index in range(len(requests))]


def train(
    cells: Sequence[Cell],
    costs: Mapping[str, Cost],
    pool: Pool,
    store: Store,
    env: Any,
    folder: str,
    console: Console,
) -> int:
    """Train cells in the pool; a cell that fails or crashes becomes rows that say so."""
    requests = [
        {
            "do": "train",
            "cell": cell.json(),
            "data_dir": folder,
            "out": str(store.directory),
            "shares": f"{cell.label} on {cell.task_name}, {cell.xla}",  # what was traced for it
        }
        for cell in cells
    ]
    with Display(cells, console, pool.size, costs) as display:
        for event in pool.run(requests):
            display.follow(event)
            if event.kind in ("failed", "crashed"):
                cell = cells[event.index]
                fell = fallen(cell, event.kind, event.content["reason"])
                store.write(cell, fell, env, {})
    return display.failures


def fallen(cell: Cell, status: str, reason: str) -> dict[str, Any]:
    """The result of a cell that did not finish: one row per seed with the reason."""
    rows = [{"seed": seed, "status": status, "reason": reason} for seed in cell.seeds]
    return result(cell, rows, {})
