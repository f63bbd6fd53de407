"""The time that is left, on recorded runs: right soon, on a slow machine too, and it converges."""

import heapq
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lossbench.bench.estimate import Cost, Remaining, seconds
from lossbench.strategies.core import registry

RECORDED = Path(__file__).parent / "recorded"


def recorded(name):
    """The cells of a recorded run in the order of its tasks, and the seconds of each.

    `quick` is of four tasks with 43 strategies, untuned and tuned, `tasks` of nineteen with eleven;
    two cells that were suspended with their machine have the median of their task.
    """
    rows = pd.read_csv(RECORDED / f"{name}.csv")
    cells = [
        SimpleNamespace(
            strategy=row.label,
            task_name=row.task,
            steps=row.steps,
            runs=row.runs,
            xla=row.xla == "on",
            measured=(row.compile_s, 1e-6 * row.step_time_us),
        )
        for row in rows.itertuples()
    ]
    return cells, rows["wall_s"].to_numpy()


def measured(cells, speed):
    """What is measured of each task before the first cell, on a machine that does nothing else.

    The recorded one did, in a few cells: hence the median of those that take one gradient.
    """
    costs = {}
    for cell in cells:
        if registry.get(cell.strategy).asks == "loss" and not cell.xla and cell.measured[0] > 0.1:
            costs.setdefault(cell.task_name, []).append(
                Cost.measured(cell, *(speed * part for part in cell.measured))
            )
    return {task: Cost(*np.median(seen, axis=0)) for task, seen in costs.items()}


def replay(remaining, durations, tasks, jobs):
    """Runs through the cells as processes would; when what was estimated, and when it was over."""
    noise = np.random.default_rng(0)
    now, told, met, events = 0.0, [], set(), [(0.0, process, None) for process in range(jobs)]
    waiting = iter(enumerate(durations))
    while events:
        now, process, cell = heapq.heappop(events)
        if cell is not None:
            remaining.finished(cell, now)
            told.append((now, remaining.seconds(now)))
        for following, duration in waiting:
            remaining.started(following, now)
            took = duration(now) * math.exp(0.05 * noise.standard_normal())
            # Data and model of a task are made once by each process.
            took *= 1.3 if (process, tasks[following]) not in met else 1.0
            met.add((process, tasks[following]))
            heapq.heappush(events, (now + took, process, following))
            break
    times, estimates = np.array(told[:-1]).T
    return times / now, estimates / (now - times)


def estimated(folder, slower=lambda now: 1.0, jobs=2, measure=1.0):
    """Shares of a run's time, and what was estimated there over what was left."""
    cells, walls = recorded(folder)
    durations = [lambda now, wall=wall: slower(now) * wall for wall in walls]
    remaining = Remaining(cells, jobs, measured(cells, measure) if measure else None)
    return replay(remaining, durations, [cell.task_name for cell in cells], jobs)


@pytest.mark.parametrize("folder", ["quick", "tasks"])
@pytest.mark.parametrize(("speed", "jobs"), [(1, 1), (1, 4), (3, 2)])
def test_measured_costs_give_the_time_from_the_first_cell_on(folder, speed, jobs):
    at, ratio = estimated(folder, lambda now: speed, jobs, measure=speed)
    assert 0.7 < ratio[0] < 1.4
    later = ratio[at < 0.85]
    assert 0.6 < later.min() < later.max() < 2.0, "the recorded machines were not always idle"
    assert 0.65 < np.quantile(later, 0.1) < np.quantile(later, 0.9) < 1.3


def test_it_follows_a_machine_that_becomes_slower():
    at, ratio = estimated("quick", lambda now: 1 if now < 300 else 2)
    assert ratio[at < 0.1].max() < 0.6, "nobody could know"
    later = ratio[(at > 0.3) & (at < 0.85)]
    assert 0.7 < later.min() < later.max() < 1.3


@pytest.mark.parametrize("speed", [0.3, 1, 3])
def test_without_measurements_the_first_cells_tell_how_fast_the_machine_is(speed):
    at, ratio = estimated("quick", lambda now: speed, measure=0)
    early = ratio[(at > 0.05) & (at < 0.2)]
    assert 0.6 < early.min() < early.max() < 1.7


def test_a_long_cell_tells_before_it_ends():
    cells, _ = recorded("quick")
    remaining = Remaining(cells[:1], 1)
    expected = seconds(cells[0])
    remaining.started(0, 0.0)
    assert remaining.seconds(0.0) > expected, "data and model of the task come on top"
    remaining.advanced(0, 0.5)
    at = 40 * expected
    assert remaining.seconds(at) > 10 * expected, "it has taken forty times as long for a half"
    remaining.finished(0, 2 * at)
    assert remaining.seconds(2 * at) == 0
    assert remaining.share == 1


def test_what_more_passes_and_a_compiler_cost_is_expected():
    cells, _ = recorded("quick")
    plain = next(cell for cell in cells if cell.strategy == "sum")
    gram = next(cell for cell in cells if cell.strategy == "mgda" and cell.runs == plain.runs)
    cost = Cost(1.0, 1e-4)
    assert seconds(gram, cost) > seconds(plain, cost)
    compiled = SimpleNamespace(**{**vars(plain), "xla": True})
    assert seconds(compiled, cost) > seconds(plain, cost), "short runs do not repay compiling"
    again = Cost.measured(gram, 1.0, 1e-4)
    assert again.start_s < Cost.measured(plain, 1.0, 1e-4).start_s
