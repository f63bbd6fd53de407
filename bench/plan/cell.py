"""A cell: one strategy on one task under one set of conditions, all seeds together."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...datasets.core import task as task_module
from ...strategies.core import registry
from . import code_hash, search, tasks
from .resolved import Resolved, resolved, strategy_on

if TYPE_CHECKING:
    from ...datasets.core.task import Task
    from ...strategies import Strategy


PACKAGES = ("lossbench", "tensorflow", "keras", "numpy")


@dataclasses.dataclass(frozen=True)
class Cell:
    """The resolved specification of one cell; its hash names its folder in the store.

    Attributes:
        strategy: what `strategies.get` takes to make it: a name, a call or a file.
        hyperparameters: all of them, what the task and the run tell it filled in.
        task: what `tasks.get` takes.
        seeds: repetitions; the randomness of each derives from (task, repetition) alone.
        heads: what variables that one loss reaches follow, "own" or "weighted" (see Step).
        vectorised: all seeds in one graph, or one after the other.
        code: hash of the code that the result depends on.
        versions: of the packages that the result depends on.
        budget: configurations that tuning tries, the default among them; 0 is the default alone.
        tunings: how often it is tuned; seed s belongs to tuning s % tunings.
        judged: metrics "<head>/<name>" by which tuning selects; empty without tuning.
        data: hash of the task's arrays; "" before anybody has looked at them.
    """

    strategy: str
    label: str
    hyperparameters: dict[str, Any]
    task: str
    task_name: str
    seeds: tuple[int, ...]
    steps: int
    batch_size: int
    learning_rate: float
    optimizer: str
    device: str
    xla: bool
    precision: str
    heads: str
    vectorised: bool
    code: str
    versions: dict[str, str]
    budget: int = 0
    tunings: int = 1
    judged: tuple[str, ...] = ()
    data: str = ""

    @cached_property
    def resolved(self) -> Resolved:
        """Its strategy and its task as objects."""
        changed = {"optimizer": self.optimizer, "batch_size": self.batch_size}
        return resolved(self.strategy, self.task, **changed)

    @property
    def name(self) -> str:
        """The strategy's name without hyperparameters."""
        return self.label.partition("(")[0]

    @property
    def runs(self) -> int:
        """How many runs it trains: tuning's and those of its seeds."""
        return self.budget * self.tunings * search.REPETITIONS + len(self.seeds)

    @property
    def key(self) -> str:
        """Hash of everything but where plug-in files lie."""
        content = {k: v for k, v in self.json().items() if k not in ("strategy", "task")}
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def conditions(self) -> tuple[Any, ...]:
        """What cells of a task share that may stand in one table."""
        return (
            *(self.task_name, self.seeds, self.steps, self.batch_size, self.learning_rate),
            *(self.optimizer, self.device, self.xla, self.precision, self.heads, self.budget),
            *(self.tunings, self.data),
        )

    def json(self) -> dict[str, Any]:
        """As it is stored."""
        return json.loads(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Cell:
        """As it was stored; what else stands beside its fields is left out."""
        known = {"data": "", "tunings": 1, **content}  # older folders have none
        fields = {field.name: known[field.name] for field in dataclasses.fields(cls)}
        return cls(**{**fields, **{key: tuple(fields[key]) for key in ("seeds", "judged")}})


def resolve(strategy: str, task: Task, task_source: str, **chosen: Any) -> Cell:
    """The cell of a strategy and a task; what is chosen as None takes the task's default.

    Raises:
        ValueError: the strategy does not exist or refuses its hyperparameters, or the task has
            nothing that tuning could select by.
    """
    size = chosen.get("batch_size") or task.batch_size
    made = strategy_on(dataclasses.replace(task, batch_size=size), strategy)
    name = registry.parse_call(strategy)[0]
    path, task_path = registry.FOLDER.file_of(name), tasks.file_of(task_source)
    engine = Path(__file__).parents[1] / "train" / "outcome.py"
    datasets = Path(task_module.__file__).parents[1]
    builders = (datasets / task.dataset.split("/")[0]).glob("*.py") if task.dataset else ()
    code = code_hash.of(
        [
            (path, registry.FOLDER.path),
            (task_path, tasks.FOLDER.path),
            (engine, engine.parent),
            *((builder, builder.parent) for builder in builders),
        ]
    )
    defaults = {
        key: getattr(task, key) for key in ("steps", "batch_size", "learning_rate", "optimizer")
    }
    chosen = {key: value for key, value in chosen.items() if value is not None}
    if chosen.get("budget"):
        chosen.setdefault("judged", task.judged)
        if reason := untunable(task):
            raise ValueError(reason)
    return Cell(
        strategy=strategy,
        label=registry.label(registry.get(strategy)),
        hyperparameters=hyperparameters(made),
        task=task_source,
        task_name=task.name,
        code=code,
        versions={name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
        **{**defaults, **chosen},
    )


def untunable(task: Task) -> str:
    """Why tuning can't put a task's metrics on one scale, with the remedy; "" when it can."""
    for column in task.judged:
        metric = task.metric(column)
        if metric.chance is None or metric.perfect is None:
            return (
                f"{task.name} can't be tuned: {column} has no chance or no perfect level; give "
                "both to its Metric, or run with --tune 0"
            )
    return "" if task.judged else f"{task.name} can't be tuned: it has no metric to select by"


def hyperparameters(strategy: Strategy) -> dict[str, Any]:
    """All hyperparameters of a strategy as JSON values."""
    return {
        field.name: json.loads(json.dumps(getattr(strategy, field.name), default=str))
        for field in dataclasses.fields(strategy)
    }
