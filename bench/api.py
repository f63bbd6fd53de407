"""The public calls: `lossbench.run(...)` trains and compares, `lossbench.read(folder)` compares."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from .store.schema import RETRIED, RUNS

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from .plan.request import Request
    from .report.analysis.comparison import Comparison

Names = str | Iterable[str | PathLike[str]]


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class Results:
    """What a results folder says.

    Attributes:
        directory: the folder.
        runs: one row per (cell, seed), failures included: the folder's runs.parquet.
        comparison: all that is computed from them.
    """

    directory: Path
    runs: pd.DataFrame
    comparison: Comparison

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, as `report` writes them to tables/<name>.csv."""
        from .report.tables.write import frames

        return frames(self.comparison)

    @property
    def verdicts(self) -> pd.DataFrame:
        """The verdict on every strategy (rows) on every task (columns), against the baseline."""
        import pandas as pd

        of_task = {task: table["verdict"] for task, table in self.comparison.tasks.items()}
        return pd.DataFrame(of_task)

    @property
    def failures(self) -> int:
        """Number of cells that crashed or failed; running again retries them."""
        return self.runs.loc[self.runs["status"].isin(RETRIED), "cell"].nunique()

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        from .report.page.answer import answer

        return answer(self.comparison).headline

    def report(self) -> Path:
        """Writes tables/, figures/ and report.html into the folder.

        Returns:
            The path of report.html.
        """
        from .report import write

        return write(self.comparison, self.directory)

    def __repr__(self) -> str:
        return f"<Results in {self.directory}: {self.headline}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(self.headline)}</p>{self.verdicts.to_html()}"


def run(
    strategies: Names | None = None,
    tasks: Names | None = None,
    *,
    seeds: int | None = None,
    tune: int | None = None,
    tunings: int | None = None,
    splits: int | None = None,
    out: str | PathLike[str] | None = None,
    preset: str | None = None,
    steps: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    optimizer: str | None = None,
    scale: str | Mapping[str, float] | None = None,
    devices: Names | None = None,
    xla: str | bool | None = None,
    heads: str | None = None,
    single_task: bool | None = None,
    static_weights: bool | None = None,
    untuned: bool | None = None,
    timing: bool | None = None,
    sequential: bool | None = None,
    engine: str | None = None,
    jobs: int | None = None,
    data_dir: str | PathLike[str] | None = None,
    quiet: bool = False,
) -> Results:
    """Trains strategies on tasks, as `lossbench run` does, and compares them.

    What is in the folder already is not trained again, and what ran there before under the same
    conditions stands beside it. None is the default of the preset, else of the task.

    Args:
        strategies: names, calls or files: "sum", "cagrad(c=0.4)", "mine.py:Mine"; "all" is all.
        tasks: names or files, varied as "two_digits[right*0.01]"; "all" is all.
        seeds: repetitions of each.
        tune: trials per strategy and task; 0 is no tuning.
        tunings: how often each is tuned, the seeds shared out among the tunings.
        splits: on how many splits of its data each task is run, where they are small packaged ones.
        out: results folder; by default results/latest, as on the command line.
        preset: "smoke", "quick" (the default), "reference", "tasks" or "full".
        steps: training steps.
        batch_size: examples in a step.
        learning_rate: of all tasks and strategies.
        optimizer: "adam" or "sgd".
        scale: head to the factor of its loss.
        devices: "cpu", "gpu" or both.
        xla: "off", "on", "both" or "auto" (what takes less time here), or whether.
        heads: "own" or "weighted": what variables that one loss reaches follow.
        single_task: whether each loss is trained alone too, which delta-m and the score need.
        static_weights: whether static weights are trained too, where two losses are combined.
        untuned: whether what is tuned is trained untuned too.
        timing: whether the compiled steps are timed afterwards.
        sequential: train one seed after the other.
        engine: what starts the workers: "local".
        jobs: worker processes; by default one per core.
        data_dir: folder of prepared data.
        quiet: show no progress.

    Raises:
        ValueError: what the command line refuses, with the same sentence; nothing has been
            written then.

    Example (examples/call_from_python.py has more)::

        results = lossbench.run(["sum", "pcgrad"], "two_digits", seeds=10, tune=0)
        results.verdicts
    """
    given = {key: value for key, value in locals().items() if key != "quiet" and value is not None}
    from rich.console import Console

    from .plan.request import Request

    request = Request(**{"budget" if key == "tune" else key: given[key] for key in given})
    said = ", ".join(f"{key}={value!r}" for key, value in given.items())
    request = dataclasses.replace(request, command=f"lossbench.run({said})")
    train(request, Console(quiet=quiet))
    return read(request.out)


def train(request: Request, console: Console) -> int:
    """Trains what a request asks for and the folder has not, and times it where that is asked for.

    Returns:
        The number of cells that failed.

    Raises:
        ValueError: the request can't be met; nothing has been written then.
    """
    from . import sweep
    from .plan import plan

    planned = plan.build(request)
    failures = sweep.run(planned, console)
    if planned.timing:
        from .step_times import time_beside

        labels = planned.content["strategies"]
        chosen = {cell.strategy: None for cell in planned.cells if cell.label in labels}
        time_beside(request.out, list(chosen), request.data_dir, console)
    return failures


def read(directory: str | PathLike[str]) -> Results:
    """What a results folder says; trains nothing, but collects what a stopped run left.

    Raises:
        ValueError: the folder can't be read; the message says what to do.
    """
    from .report.analysis.comparison import compare
    from .report.read import folder
    from .report.read import read as study_of

    try:
        directory = Path(directory).expanduser().absolute()
    except (TypeError, RuntimeError):  # no path, or ~ where nobody's home is known
        raise ValueError(f"expected a folder, got {directory!r}") from None
    comparison = compare(study_of(directory))
    return Results(directory, folder.collected(directory, RUNS), comparison)
