"""Trains runs of one cell together: each a repetition of the task in a configuration of its own."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

from ..plan import search
from .constant import divided
from .engine import Engine
from .labelled import counts
from .of_task import network_of, splits_of
from .pairing import NoiseStream, Start, start
from .step import Record, Step

if TYPE_CHECKING:
    from ..plan.cell import Cell
    from .step import Carry

CHUNKS = 40  # calls of a run: between them the host looks at the weights
NOISE_BYTES = 64 << 20  # random input of one chunk
WORTH_FILLING = 0.75  # of the runs of a call: the others are there so that it is traced once
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
        self.network = network_of(self.task, data_dir, cell.batch_size)
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
        nuisances = sum(head.kind == "nuisance" for head in self.network.combined)
        own = search.searched(strategy, given, losses, nuisances)
        self.default = search.Trial(cell.learning_rate, own)
        self.space = {**strategy.search_space, search.NUISANCE: search.OF_NUISANCE}
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
        """The first so many steps.

        Calls of about as many runs are filled up to one number, and need one trace then.
        """
        asked = len(repetitions)
        fill = self._filled(asked) - asked
        repetitions = [*repetitions, *(repetitions[0] for _ in range(fill))]
        configurations = [*configurations, *(configurations[0] for _ in range(fill))]
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
            observer.before(at, _first(asked, carry), part[0, :asked])
            clock = time.perf_counter()
            carry, record = engine.run(carry, part, drawn, rates, at, hyperparameters)
            last_s = time.perf_counter() - clock
            train_s += last_s
            record = Record(*(leaf[:, :asked] for leaf in record))
            observer.after(at, record, _first(asked, carry))
            on_steps(len(part) * asked)
        digests = [s.digest for s in starts[:asked]]
        return Trained(_first(asked, carry), digests, compile_s, train_s, last_s)

    def _filled(self, runs: int) -> int:
        """The number of runs in a call of so many."""
        calls = len(self.cell.seeds), self.cell.budget * search.REPETITIONS
        most = max(calls)
        return most if self.vectorised and WORTH_FILLING * most <= runs < most else runs

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


def _first(runs: int, carry: Carry) -> Carry:
    """The carry of the first runs, if there are more."""
    if carry.divergence.alive.shape[0] == runs:
        return carry
    return tf.nest.map_structure(lambda leaf: leaf[:runs], carry)


def _nobody(steps: int) -> None:
    """Is told of steps and says nothing."""
