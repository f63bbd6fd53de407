"""What a run is asked for: every value is checked here, wherever it comes from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from . import search, values
from .presets import DEFAULT_OUT, PRESETS
from .variations import OPTIMIZERS

DEVICES = ("cpu", "gpu")
ENGINES = ("local",)
HEADS = ("own", "weighted")  # see Step
STRATEGIES = "names, calls such as cagrad(c=0.4), or files such as mine.py:Mine"
TASKS = "names or files such as mine.py:task"
OPTIONS = {"budget": "tune"}  # called otherwise where they are given


def _one_of(*known: str) -> Callable[[str, Any], str]:
    return partial(values.choose, known=known)


def _devices(option: str, value: Any) -> tuple[str, ...]:
    return tuple(values.choose(option, word, DEVICES) for word in values.names(option, value))


def _xla(option: str, value: Any) -> tuple[bool, ...]:
    if isinstance(value, bool):
        return (value,)
    if isinstance(value, tuple) and value in values.XLA.values():
        return value
    return values.XLA[values.choose(option, value, values.XLA)]


def _data_dir(option: str, value: Any) -> Path:
    return values.data_dir(value)


def _command(option: str, value: Any) -> str:
    return str(value)


def _given(check: Callable[..., Any], default: Any = None, **bounds: Any) -> Any:
    """A field, what checks and converts it, and what stands for None (or makes it)."""
    metadata = {"check": partial(check, **bounds), "default": default}
    return dataclasses.field(default=None, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class Request:
    """What a run is asked for. None is the default: the preset's, else the task's own.

    Each value may be given as a text, as on the command line, or as what it means in Python:
    `seeds="3"` or `3`, `scale="right=0.01"` or `{"right": 0.01}`, `xla="on"` or `True`.

    Attributes:
        preset: name of what the others default to.
        strategies: what `strategies.get` takes; ("all",) is all of them.
        tasks: what `tasks.get` takes; "all" stands for all whose data are there.
        seeds: repetitions per cell.
        steps: training steps.
        batch_size: examples in a step.
        learning_rate: of all tasks and strategies.
        optimizer: "adam" or "sgd".
        scale: head to the factor of its loss.
        budget: trials per strategy and task; 0 is no tuning. Given as `--tune`.
        tunings: how often each cell is tuned anew; its seeds are shared out among them.
        splits: on how many splits each task is run whose data are small packaged ones.
        devices: "cpu", "gpu" or both.
        xla: the variants that are trained; () is the one that takes less time here.
        heads: what variables that one loss reaches follow, "own" or "weighted".
        single_task: whether each loss is trained alone too.
        static_weights: whether static weights are trained too, where two losses are combined.
        untuned: whether what is tuned is trained untuned too; by default it is where `budget` is
            given, else the preset says.
        timing: whether the compiled steps are timed afterwards.
        sequential: one seed after the other.
        engine: what starts the workers.
        jobs: worker processes; None is one per core.
        data_dir: folder of prepared data.
        out: results folder.
        command: how it was asked for, for the report.

    Raises:
        ValueError: a value is refused; the message names the option, what was expected and what
            came.

    Example:
        >>> Request(seeds="3", strategies="sum, pcgrad").strategies
        ('sum', 'pcgrad')
    """

    preset: str = _given(_one_of(*PRESETS), "quick")
    strategies: tuple[str, ...] | None = _given(values.names, kind=STRATEGIES)
    tasks: tuple[str, ...] | None = _given(values.names, kind=TASKS)
    # Those of tuning's trials begin where these end.
    seeds: int | None = _given(values.whole, most=search.FIRST)
    steps: int | None = _given(values.whole)
    batch_size: int | None = _given(values.whole)
    learning_rate: float | None = _given(values.positive)
    optimizer: str | None = _given(_one_of(*OPTIMIZERS))
    scale: Mapping[str, float] | None = _given(values.scales)
    budget: int | None = _given(values.whole, least=0, most=100_000)
    tunings: int = _given(values.whole, most=1000)
    splits: int = _given(values.whole, 1, most=1000)
    devices: tuple[str, ...] = _given(_devices, "cpu")
    xla: tuple[bool, ...] | None = _given(_xla)
    heads: str = _given(_one_of(*HEADS), "own")
    single_task: bool = _given(values.flag, True)
    static_weights: bool = _given(values.flag, True)
    untuned: bool | None = _given(values.flag)
    timing: bool | None = _given(values.flag)
    sequential: bool = _given(values.flag, False)
    engine: str = _given(_one_of(*ENGINES), "local")
    jobs: int | None = _given(values.whole)
    data_dir: Path = _given(_data_dir, values.data_dir)  # noqa: RUF009
    out: Path = _given(values.folder, DEFAULT_OUT)  # noqa: RUF009
    command: str = _given(_command, "")

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value, default = getattr(self, field.name), field.metadata["default"]
            if value is None:
                value = default() if callable(default) else default
            if value is not None:
                option = OPTIONS.get(field.name, field.name).replace("_", "-")
                value = field.metadata["check"](option, value)
            object.__setattr__(self, field.name, value)
        tunings: Any = self.tunings
        if tunings is None:  # each has a seed of its own at least
            preset = PRESETS[self.preset]
            often = min(preset.tunings, self.seeds or preset.seeds)
            object.__setattr__(self, "tunings", often)

    @property
    def variants(self) -> tuple[bool, ...]:
        """Without XLA, with it, or both; () is the one that takes less time here."""
        return PRESETS[self.preset].xla if self.xla is None else self.xla

    @property
    def trials(self) -> int:
        """Of tuning, per strategy and task; 0 is no tuning."""
        return PRESETS[self.preset].budget if self.budget is None else self.budget

    @property
    def with_untuned(self) -> bool:
        """Whether the strategies run in the tasks' own configurations too.

        Variants are compared in these: tuned cells run in the first one alone.
        """
        if not self.trials or len(self.devices) * len(self.variants) > 1:
            return True
        if self.untuned is None:
            return PRESETS[self.preset].untuned or self.budget is not None
        return self.untuned
