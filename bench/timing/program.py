"""One step to time: a strategy on a task in the engine's compiled loop."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..plan.resolved import strategy_on
from ..train.constant import divided
from ..train.engine import Engine
from ..train.pairing import NoiseStream, start
from ..train.step import Step
from . import memory
from .flops import Product, products

if TYPE_CHECKING:
    from ...strategies import Strategy
    from .precision import Problem

    Clock = Callable[[], float]

CHUNK = 256  # steps in a call at most
ESTIMATE = 8  # steps of the second estimate of a step
NOISE_BYTES = 64 << 20


class Program:
    """A strategy's compiled loop, ready to be called again and again from the same start.

    Args:
        problem: task, data and network.
        strategy: one, or what `strategies.get` takes.
        xla: compile with XLA.
        seeds: train so many at once.
        clock: seconds that pass; on a core of its own better `time.process_time`.

    Attributes:
        trace_s: seconds of tracing.
        compile_s: seconds of the first call beyond those of the second.
        memory_mb: what tracing, compiling and the first calls added to the process at their peak.
        products: of a step.
        steps: that one timed call has more than the other, set by `fit`.
        seeds: trained at once.
    """

    def __init__(
        self,
        problem: Problem,
        strategy: str | Strategy,
        *,
        xla: bool,
        seeds: int = 1,
        clock: Clock = time.perf_counter,
    ) -> None:
        task, self.seeds, self._clock = problem.task, seeds, clock
        made = divided(strategy_on(task, strategy), problem.network, problem.data)
        step = Step(problem.network, made)
        noise = made.noise(len(problem.network.combined), step.num_shared)
        chunk = self._chunk = _chunk(noise, seeds)
        self._tap = Tap(clock)
        with memory.rise() as rise:
            self._engine = Engine(
                step, problem.data, steps=task.steps, chunk=chunk, xla=xla, wrap=self._tap.before
            )
            starts = [
                start(task, seed, chunk, task.batch_size, problem.data["x"])
                for seed in range(seeds)
            ]
            self._carry = self._engine.initial(
                [s.trainable for s in starts], [s.other for s in starts]
            )
            self._batches = np.stack([s.batches for s in starts], axis=1)
            self._noise = NoiseStream(task.name, tuple(range(seeds)), noise).draw(self._chunk)
            self._rates = np.full(seeds, task.learning_rate)
            first, second = self._call(1), self._call(1)
        self.trace_s = self._tap.trace_s
        self.compile_s = max(0.0, first - second - self.trace_s)
        self.memory_mb = rise.mb
        self.steps = 1
        self._empty = self._one = self._full = self._tap.arguments

    @property
    def products(self) -> Counter[Product]:
        """Of one step of one seed or of all of them."""
        return products(self._tap.concrete)

    @property
    def traces(self) -> int:
        """How often the loop was traced: more than once would mean that it changes by itself."""
        return self._engine.traces

    @property
    def losses(self) -> int:
        """Number of losses."""
        return len(self._engine.step.network.combined)

    @property
    def batch(self) -> int:
        """Examples in a batch."""
        return self._batches.shape[2]

    @property
    def parameters(self) -> int:
        """Number of trainable numbers of one seed."""
        return sum(math.prod(leaf.shape[1:]) for leaf in self._carry.trainable)

    def fit(self, seconds: float) -> None:
        """Choose the steps of a call so that they take about so long; warms up on the way."""
        for steps in (1, ESTIMATE):
            self.prepare(steps)
            # The fastest of three: one that was disturbed would make a fast step look slow.
            one, full = np.min([self.sample() for _ in range(3)], axis=0)
            if full - one >= seconds:  # long enough, and eight would be too long
                break
        each = max(full - one, 1e-9) / self.steps
        self.prepare(max(1, round(seconds / each)))

    def prepare(self, steps: int) -> None:
        """Set the steps that the longer call has more: with its first, at most CHUNK."""
        self.steps = min(steps, self._chunk - 1)
        self._empty, self._one, self._full = (
            self._arguments(count) for count in (0, 1, 1 + self.steps)
        )

    def sample(self) -> tuple[float, float]:
        """Seconds of a call of the first step of training, and of one of `steps` more."""
        self._time(self._empty)  # what others left in the caches goes
        return self._time(self._one), self._time(self._full)

    def call(self) -> np.ndarray:
        """Train 1 + `steps` steps from the start; norms (1 + steps, seeds) of their gradients."""
        return self._run(self._full)[: 1 + self.steps]

    def _run(self, arguments: tuple[Any, ...]) -> np.ndarray:
        _, record = self._tap.function(*arguments)
        return record.norm.numpy()  # of the last step among others: it has been computed

    def _time(self, arguments: tuple[Any, ...]) -> float:
        began = self._clock()
        self._run(arguments)
        return self._clock() - began

    def _arguments(self, steps: int) -> tuple[Any, ...]:
        """What the compiled loop is called with for so many steps, after such a call."""
        self._call(steps)
        return self._tap.arguments

    def _call(self, steps: int) -> float:
        """Seconds of a call through the engine."""
        drawn = None if self._noise is None else self._noise[:steps]
        began = self._clock()
        self._engine.run(self._carry, self._batches[:steps], drawn, self._rates, 0)
        return self._clock() - began


class Tap:
    """Stands before the engine's compiled loop: times its tracing, keeps what it was called with.

    Attributes:
        function: the loop.
        concrete: the same for the arguments of the first call, once that has been.
        trace_s: seconds that its tracing took.
        arguments: of the last call, as they lie on the device.
    """

    def __init__(self, clock: Clock) -> None:
        self.function: Any = None
        self.concrete: Any = None
        self.trace_s = 0.0
        self.arguments: tuple[Any, ...] = ()
        self._clock = clock

    def before(self, function: Any) -> Tap:
        """Itself, to be called in place of a `tf.function`."""
        self.function = function
        return self

    def __call__(self, *arguments: Any) -> Any:
        if self.concrete is None:
            began = self._clock()
            self.concrete = self.function.get_concrete_function(*arguments)
            self.trace_s = self._clock() - began
        self.arguments = arguments
        return self.function(*arguments)


def _chunk(noise: Any, seeds: int) -> int:
    if noise is None:
        return CHUNK
    return int(np.clip(NOISE_BYTES // (4 * seeds * max(1, math.prod(noise.shape))), 2, CHUNK))
