"""The training loop: all seeds of a cell in one graph, one call for a chunk of steps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from ...strategies.core.reductions import by_halves
from .step import Carry, Record, Step

if TYPE_CHECKING:
    from ...strategies import Noise


class Engine:
    """Trains the seeds of one cell together.

    The step is written for one seed; `tf.vectorized_map` makes it a step of several, and a loop in
    the graph runs a chunk of steps in one call. Between chunks the caller may look, record, stop.

    Args:
        step: the step of one seed.
        data: arrays of the training split; batches are gathered from them by index in the graph.
        steps: length of the whole run; the learning rate decays to 0 over it (half a cosine).
        chunk: steps in a call.
        xla: compile with XLA.
        vectorised: False trains one seed after the other, for models that do not vectorise and as
            the check of the vectorised way: the same numbers within rounding.
        wrap: takes the compiled loop and returns what is called in its place, to look at its calls.
    """

    def __init__(
        self,
        step: Step,
        data: Mapping[str, Any],
        *,
        steps: int,
        chunk: int,
        xla: bool,
        vectorised: bool = True,
        wrap: Callable[[Any], Callable[..., tuple[Carry, Record]]] = lambda loop: loop,
    ) -> None:
        self.step = step
        self.chunk = chunk
        self._steps = steps
        self._vectorised = vectorised
        self.data = tf.nest.map_structure(tf.constant, dict(data))
        self.traces = 0
        # XLA on a GPU has fast sums of its own.
        self._halves = xla and not tf.config.list_logical_devices("GPU")
        self._run = wrap(tf.function(self._loop, jit_compile=xla, autograph=False))

    def initial(self, weights: list[list[np.ndarray]], others: list[list[np.ndarray]]) -> Carry:
        """The carry of all seeds from each seed's trainable and other variables."""
        carries = [
            self.step.initial([tf.constant(w) for w in seed], [tf.constant(o) for o in other])
            for seed, other in zip(weights, others, strict=True)
        ]
        return tf.nest.map_structure(lambda *leaves: tf.stack(leaves), *carries)

    def run(
        self,
        carry: Carry,
        batches: np.ndarray,
        noise: np.ndarray | None,
        rates: np.ndarray,
        start: int,
        hyperparameters: Mapping[str, np.ndarray] | None = None,
    ) -> tuple[Carry, Record]:
        """Train a chunk.

        Args:
            carry: of all seeds.
            batches: (T, S, B) indices into the training data, T <= chunk.
            noise: (T, S, ...) random input of the strategy, or None.
            rates: (S,) learning rates before decay.
            start: number of the first step.
            hyperparameters: those that differ between the runs, each (S,) or (S, K); the step's
                strategy has the others.

        Returns:
            The carry, and the record with leaves (T, S, ...).
        """
        count = len(batches)
        run = self._run if self._vectorised else self._one_by_one
        carry, record = run(
            carry,
            self.data,
            # One shape, one trace: a last, shorter chunk is padded, and its padding is not run.
            tf.constant(_pad(batches, self.chunk)),
            None if noise is None else tf.constant(_pad(noise, self.chunk)),
            tf.constant(rates, tf.float32),
            tf.constant(start),
            tf.constant(count),
            {key: tf.constant(value, tf.float32) for key, value in (hyperparameters or {}).items()},
        )
        return carry, Record(*(leaf.numpy()[:count] for leaf in record))

    def compile(
        self,
        carry: Carry,
        noise: Noise | None,
        rates: np.ndarray,
        batch_size: int,
        hyperparameters: Mapping[str, np.ndarray] | None = None,
    ) -> float:
        """Trace and compile by a call of no steps; returns the seconds that it took."""
        began = time.perf_counter()
        seeds = len(rates)
        draws = None if noise is None else np.zeros((0, seeds, *noise.shape), np.float32)
        none = np.zeros((0, seeds, batch_size), np.int32)
        self.run(carry, none, draws, rates, 0, hyperparameters)
        return time.perf_counter() - began

    def _loop(self, carry, data, batches, noise, rates, start, count, tuned):
        self.traces += 1
        seeds = batches.shape[1]
        if seeds > 1:
            return self._repeat(
                self._all, (seeds,), carry, data, batches, noise, rates, start, count, tuned
            )
        # One seed alone has no axis of seeds inside the loop: with one of length 1, XLA on a CPU
        # copies weights and moments at every step, because it does not see that it may write over.
        carry, rates, tuned = tf.nest.map_structure(lambda leaf: leaf[0], (carry, rates, tuned))
        noise = None if noise is None else noise[:, 0]
        carry, record = self._repeat(
            self.step, (), carry, data, batches[:, 0], noise, rates, start, count, tuned
        )
        carry = tf.nest.map_structure(lambda leaf: leaf[None], carry)
        return carry, Record(*(leaf[:, None] for leaf in record))

    def _repeat(self, step, axis, carry, data, batches, noise, rates, start, count, tuned):
        """The loop of a step; `axis` stands before the shape of what a step reports."""

        def body(i, carry, records):
            index = tf.gather(batches, i)
            batch = tf.nest.map_structure(lambda value: tf.gather(value, index), data)
            now = start + i
            decay = 0.5 * (1 + tf.cos(math.pi * tf.cast(now, tf.float32) / self._steps))
            draw = None if noise is None else tf.gather(noise, i)
            with by_halves(self._halves):
                carry, record = step(carry, batch, rates * decay, draw, now, tuned)
            records = [t.write(i, leaf) for t, leaf in zip(records, record, strict=True)]
            return i + 1, carry, records

        num_losses = len(self.step.network.combined)
        shapes = ((*axis, num_losses), (*axis, num_losses), axis)
        records = [
            tf.TensorArray(tf.float32, size=self.chunk, element_shape=shape) for shape in shapes
        ]
        _, carry, records = tf.while_loop(
            lambda i, *_: i < count, body, (tf.constant(0), carry, records)
        )
        return carry, Record(*(record.stack() for record in records))

    def _all(self, carry, batch, rates, noise, now, tuned):
        """One step of all seeds."""
        inputs = {"carry": carry, "batch": batch, "rate": rates, "hyperparameters": tuned}
        if noise is not None:
            inputs["noise"] = noise

        def one(seed):
            return self.step(**{"noise": None, **seed}, step=now)

        return tf.vectorized_map(one, inputs)

    def _one_by_one(self, carry, data, batches, noise, rates, start, count, tuned):
        results = []
        for s in range(batches.shape[1]):
            one = tf.nest.map_structure(lambda leaf, s=s: leaf[s : s + 1], carry)
            draws = None if noise is None else noise[:, s : s + 1]
            own = {key: value[s : s + 1] for key, value in tuned.items()}
            rate = rates[s : s + 1]
            results.append(
                self._run(one, data, batches[:, s : s + 1], draws, rate, start, count, own)
            )
        carries = tf.nest.map_structure(
            lambda *leaves: tf.concat(leaves, 0), *[carry for carry, _ in results]
        )
        records = tf.nest.map_structure(
            lambda *leaves: tf.concat(leaves, 1), *[record for _, record in results]
        )
        return carries, records


def _pad(array: np.ndarray, length: int) -> np.ndarray:
    rest = np.zeros((length - len(array), *array.shape[1:]), array.dtype)
    return np.concatenate([array, rest])
