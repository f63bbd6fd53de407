"""Common random numbers: what a seed fixes, for every strategy alike.

All randomness of a run derives from (task, repetition) and never from the strategy: initial
weights, the order of batches, and the noise that is handed to strategies. The hash of it is stored
with each run and must agree over all strategies. A variation of a task (another optimizer, a scaled
loss) has the randomness of the task itself, so that the two are paired as well.
"""

from __future__ import annotations

import dataclasses
import hashlib
import zlib
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from ...datasets.core.built import built
from ...datasets.core.data import rows
from ..plan.variations import base

if TYPE_CHECKING:
    from ...datasets.core.task import Task
    from ...strategies import Noise

WEIGHTS, BATCHES, NOISE = range(3)
KNOWN = 256  # initial weights that are kept: every strategy of a task starts from the same

Weights = tuple[list[np.ndarray], list[np.ndarray]]
_known: dict[tuple[Task, int], Weights] = {}


@dataclasses.dataclass(frozen=True)
class Start:
    """What all strategies share in one repetition of a task.

    Attributes:
        trainable: initial weights.
        other: initial values of the model's other variables.
        batches: (steps, batch) indices into the training split.
        digest: hash of all of them and of the noise's seed.
    """

    trainable: list[np.ndarray]
    other: list[np.ndarray]
    batches: np.ndarray
    digest: str


def entropy(task: str, repetition: int, purpose: int) -> np.random.SeedSequence:
    """The seed of one purpose in one repetition of a task, varied or not."""
    return np.random.SeedSequence([zlib.crc32(base(task).encode()), repetition, purpose])


def start(task: Task, repetition: int, steps: int, batch_size: int, x: Any) -> Start:
    """Initial weights and batches of one repetition, on training inputs (N, ...)."""
    trainable, other = _weights(task, repetition, x)
    indices = batches(task.name, repetition, steps, batch_size, rows(x))
    digest = hashlib.sha256(indices.tobytes())
    for array in (*trainable, *other):
        digest.update(array.tobytes())
    digest.update(entropy(task.name, repetition, NOISE).generate_state(4).tobytes())
    return Start(trainable, other, indices, digest.hexdigest()[:16])


def _weights(task: Task, repetition: int, x: Any) -> Weights:
    key = task, repetition
    if key not in _known:
        if len(_known) == KNOWN:
            _known.clear()
        seed = entropy(task.name, repetition, WEIGHTS).generate_state(1)[0]
        keras.utils.set_random_seed(int(seed))
        model = built(task, x)
        _known[key] = (
            [variable.numpy() for variable in model.trainable_variables],
            [variable.numpy() for variable in model.non_trainable_variables],
        )
    return _known[key]


def batches(task: str, repetition: int, steps: int, batch_size: int, examples: int) -> np.ndarray:
    """Indices (steps, batch): shuffled epochs, each without the rest that fills no batch."""
    random = np.random.default_rng(entropy(task, repetition, BATCHES))
    batch_size = min(batch_size, examples)
    per_epoch = examples // batch_size
    epochs = [
        random.permutation(examples)[: per_epoch * batch_size]
        for _ in range(-(-steps // per_epoch))
    ]
    return np.concatenate(epochs).reshape(-1, batch_size)[:steps].astype(np.int32)


class NoiseStream:
    """The random input of a strategy, step after step, for several repetitions.

    The numbers do not depend on how many steps are drawn at once.
    """

    def __init__(self, task: str, repetitions: tuple[int, ...], noise: Noise | None) -> None:
        self._noise = noise
        self._random = [np.random.default_rng(entropy(task, r, NOISE)) for r in repetitions]

    def draw(self, steps: int) -> np.ndarray | None:
        """(steps, seeds, ...) float32, or None for a strategy without noise."""
        if self._noise is None:
            return None
        size = (steps, *self._noise.shape)
        if self._noise.distribution == "uniform":
            drawn = [random.random(size, np.float32) for random in self._random]
        else:
            drawn = [random.standard_normal(size, np.float32) for random in self._random]
        return np.stack(drawn, axis=1)
