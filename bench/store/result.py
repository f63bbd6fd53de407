"""What is stored of a cell, whether it finished or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..plan import single_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..plan.cell import Cell
    from ..plan.search import Trial


def result(
    cell: Cell,
    rows: list[dict[str, Any]],
    timing: dict[str, float],
    chosen: Sequence[Trial] = (),
) -> dict[str, Any]:
    """The content of result.json.

    Args:
        cell: what was run.
        rows: one per seed, with its status, reason and metrics.
        timing: what of compile_s, step_time_us and wall_s is known.
        chosen: the configurations of the rows by their number of the tuning, where they are known.
    """
    strategy, task, _ = cell.resolved
    return {
        "seeds": [{"bad_step": None, "pairing": None, **row} for row in rows],
        "timing": timing,
        "primary": task.primary,
        "heads": single_task.heads(task),
        "learning_rate": chosen[0].learning_rate if chosen else cell.learning_rate,
        "hyperparameters": cell.hyperparameters | dict(chosen[0].hyperparameters if chosen else {}),
        "tunings": [
            {
                "learning_rate": trial.learning_rate,
                "hyperparameters": cell.hyperparameters | dict(trial.hyperparameters),
            }
            for trial in chosen
        ],
        "contract": strategy.contract,
        "cost": strategy.cost,
    }
