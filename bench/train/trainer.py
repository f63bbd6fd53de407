"""Trains runs of one cell together: each a repetition of the task in a configuration of its own."""

from __future__ import annotations

import functools
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tensorflow as tf

from ...datasets.core.data import cut, load
from ..plan import search
from .constant import divided
from .engine import Engine
from .labelled import counts
from .network import Network
from .pairing import NoiseStream, Start, start
from .step import Record, Step

if TYPE_CHECKING:
    from ...datasets.core.task import Splits, Task
    from ..plan.cell import Cell
    from .step import Carry

CHUNKS = 40  # calls of a run: between them the host looks at the weights
NOISE_BYTES = 64 << 20  # random input of one chunk
# In what cells differ that share an engine.
ENGINE_IGNORES = ("seeds", "budget", "tunings", "judged")
_held: dict[tuple[int, str], Engine] = {}  # the last one


class Trained(NamedTuple):
    """Runs after their last step: the carry of all, hashes of what pairs them, seconds.

    `train_s` is of all chunks of steps, `last_s` of the last one.
    """

    carry: Carry
    digests: list[str]
    compile_s: float
    train_s: float
    last_s: float


class Observer:
    """Is shown a training between its chunks; this one keeps what the steps report."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def before(self, step: int, carry: Carry, indices: np.ndarray) -> None:
        """Weights before a step, and its batches (runs, B) as indices of the training data."""

    def after(self, step: int, record: Record, carry: Carry) -> None:
        """Records (T, runs, ...) of the chunk that began at a step, and the weights after it."""
        self._records.append(record)

    @property
    def record(self) -> Record:
        """All steps so far."""
        return Record(*(np.concatenate(leaves) for leaves in zip(*self._records, strict=True)))


class Trainer:
    """What all runs of a cell share: data, network, step, and the compiled loop.

    Attributes:
        vectorised: whether the runs train at once; False from the first training on where the
            model does not vectorise.

    Raises:
        ValueError: strategy, task and configuration do not fit together.
        DataUnavailable: the data can't be had.
    """

    def __init__(self, cell: Cell, data_dir: Path) -> None:
        self.cell = cell
        resolved, self.task, given = cell.resolved
        self.splits = splits_of(self.task, data_dir)
        self.network = _network(self.task, data_dir, cell.batch_size)
        strategy = divided(resolved, self.network, self.splits["train"])
        if strategy.asks == "features":
            _ = self.network.parts  # refuses a model that has none before anything is traced
        tuned = range(cell.tunings if cell.budget else 0)
        repetitions = (*cell.seeds, *(r for j in tuned for r in search.repetitions(j)))
        batches = (self._start(repetition).batches for repetition in repetitions)
        there = counts(self.network.combined, self.splits["train"], batches)
        step = Step(self.network, strategy, cell.heads, there)
        losses = len(self.network.combined)
        self._noise = strategy.noise(losses, step.num_shared)
        self.vectorised = cell.vectorised and self.network.vectorises
        self.default = search.Trial(cell.learning_rate, search.searched(strategy, given, losses))
        self.space = strategy.search_space
        self.engine = self._engine(step)

    def train(
        self,
        repetitions: Sequence[int],
        configurations: Sequence[search.Trial],
        observer: Observer,
        on_steps: Callable[[int], None],
    ) -> Trained:
        """Train one run per repetition and configuration, all at once.

        Args:
            repetitions: (S,); what is random derives from the task and these alone.
            configurations: (S,), of the same hyperparameters.
            observer: is shown weights and records between chunks.
            on_steps: told the number of seed-steps that were done, after each chunk.
        """
        return self._train(self.cell.steps, repetitions, configurations, observer, on_steps)

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say about how the cell trains, each in one line."""
        if self.vectorised or not self.cell.vectorised:
            return ()
        return (
            f"{self.task.name}: its model can't train several seeds at once, so it trains one "
            "after the other, which takes longer; layers that loop, as LSTM and GRU, can with "
            "unroll=True",
        )

    def cost(self) -> tuple[float, float]:
        """Seconds of tracing and compiling, and of a step of one run: measured on a few steps."""
        seeds, chunk = self.cell.seeds, self.engine.chunk
        trained = self._train(
            min(self.cell.steps, 2 * chunk), seeds, [self.default] * len(seeds), Observer(), _nobody
        )
        _held.clear()  # the cell itself is traced anew, and says what that takes
        return trained.compile_s, trained.last_s / (chunk * len(seeds))

    def _train(
        self,
        steps: int,
        repetitions: Sequence[int],
        configurations: Sequence[search.Trial],
        observer: Observer,
        on_steps: Callable[[int], None],
    ) -> Trained:
        """The first so many steps."""
        of_repetition = {r: self._start(r) for r in set(repetitions)}
        starts = [of_repetition[r] for r in repetitions]
        carry = self.engine.initial([s.trainable for s in starts], [s.other for s in starts])
        batches = np.stack([s.batches for s in starts], axis=1)
        draws = NoiseStream(self.task.name, tuple(repetitions), self._noise)
        rates, hyperparameters = search.stacked(configurations)
        compile_s = self._compile(carry, rates, batches.shape[2], hyperparameters)
        engine = self.engine
        train_s = last_s = 0.0
        for at in range(0, steps, engine.chunk):
            part = batches[at : at + engine.chunk]
            drawn = draws.draw(len(part))
            observer.before(at, carry, part[0])
            clock = time.perf_counter()
            carry, record = engine.run(carry, part, drawn, rates, at, hyperparameters)
            last_s = time.perf_counter() - clock
            train_s += last_s
            observer.after(at, record, carry)
            on_steps(part.shape[0] * part.shape[1])
        return Trained(carry, [s.digest for s in starts], compile_s, train_s, last_s)

    def _start(self, repetition: int) -> Start:
        cell = self.cell
        x = self.splits["train"]["x"]
        return start(self.task, repetition, cell.steps, cell.batch_size, x)

    def _compile(
        self,
        carry: Carry,
        rates: np.ndarray,
        batch_size: int,
        hyperparameters: Mapping[str, np.ndarray],
    ) -> float:
        """Trace and compile, for one run after the other where the model does not vectorise."""
        arguments = carry, self._noise, rates, batch_size, hyperparameters
        try:
            return self.engine.compile(*arguments)
        except Exception as error:
            if not self.vectorised or len(rates) == 1:
                raise
            self.vectorised = False
            self.engine = self._engine(self.engine.step)
            try:
                seconds = self.engine.compile(*arguments)
            except Exception:
                raise error from None
            self.network.vectorises = False
            return seconds

    def _engine(self, step: Step) -> Engine:
        """The engine of the cell before when it differs in seeds or trials alone: one trace."""
        content = {k: v for k, v in self.cell.json().items() if k not in ENGINE_IGNORES}
        key = (
            id(self.network),
            json.dumps([content, self._chunk(), self.vectorised, step.counts]),
        )
        if key not in _held:
            _held.clear()
            _held[key] = Engine(
                step,
                self.splits["train"],
                steps=self.cell.steps,
                chunk=self._chunk(),
                xla=self.cell.xla,
                vectorised=self.vectorised,
            )
        return _held[key]

    def _chunk(self) -> int:
        """Steps in a call; fewer when the strategy's noise is large."""
        chunk = math.ceil(self.cell.steps / CHUNKS)
        if self._noise is not None:
            runs = max(len(self.cell.seeds), self.cell.budget * search.REPETITIONS)
            chunk = min(chunk, NOISE_BYTES // (4 * runs * max(1, math.prod(self._noise.shape))))
        return max(1, chunk)


def _nobody(steps: int) -> None:
    """Is told of steps and says nothing."""


# The cells of a worker come task by task: what depends on the task alone is made once.


@functools.lru_cache(maxsize=1)
def splits_of(task: Task, data_dir: Path) -> Splits:
    """The arrays of a task, as this process has read them."""
    return load(task, data_dir)


@functools.lru_cache(maxsize=2)
def _network(task: Task, data_dir: Path, batch_size: int) -> Network:
    data: Any = splits_of(task, data_dir)["train"]
    return Network(task, tf.nest.map_structure(tf.constant, dict(cut(data, 0, batch_size))))
