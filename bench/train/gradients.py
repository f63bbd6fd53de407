"""How the losses of a task pull at the shared parameters: gradients of the plain losses.

The same for every strategy: no weights, masks or signs, by the variables that several losses reach.
"""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tensorflow as tf

from ...strategies import Strategy
from ...strategies.core.backward import gradient
from ...strategies.core.products import gram_matrix
from ..store.schema import COSINE, GRADIENT_NORM
from .over_runs import over_runs

if TYPE_CHECKING:
    from .network import Network


SHARE = 0.05  # of a run's training that its measurements may take
NETWORKS = 2  # whose functions a worker process keeps: its cells come task by task


class Pull(NamedTuple):
    """Gradients of the losses by the shared parameters, of all seeds at one moment.

    Attributes:
        norms: (S, K), their lengths.
        cosines: (S, K (K - 1) / 2), pairs in the order of the losses; NaN where a gradient is 0 or
            not finite.
        seconds: that the measurement took, tracing included.
    """

    norms: np.ndarray
    cosines: np.ndarray
    seconds: float

    def columns(self, heads: Sequence[str]) -> dict[str, np.ndarray]:
        """Columns "grad_norm/<head>" and "cosine/<head a>/<head b>", each (S,)."""
        norms = {f"{GRADIENT_NORM}{head}": self.norms[:, k] for k, head in enumerate(heads)}
        pairs = itertools.combinations(heads, 2)
        return norms | {f"{COSINE}{a}/{b}": self.cosines[:, p] for p, (a, b) in enumerate(pairs)}


def measure(
    network: Network,
    trainable: list[tf.Tensor],
    other: list[tf.Tensor],
    data: Mapping[str, Any],
    index: np.ndarray,
    *,
    vectorised: bool = True,
) -> Pull:
    """Gradients of all seeds at their present weights, each on a batch of its own.

    Traced once per network, number of seeds and batch size, whatever the strategy, and kept for
    the next cells of the same network.

    Args:
        network: whose losses.
        trainable: the weights of all seeds, leaves (S, ...), as in the engine's carry.
        other: the model's other variables, leaves (S, ...).
        data: the training split as tensors (N, ...), as the engine holds it.
        index: (S, B), the examples of each seed's batch.
        vectorised: False takes one seed after the other.

    Example:
        `measure(network, carry.trainable, carry.other, engine.data, batches[at])`
    """
    began = time.perf_counter()
    function = _gram(network, vectorised)
    runs = trainable, other, tf.constant(index)
    norms, cosines = split(function(runs, dict(data)).numpy())
    return Pull(norms, cosines, time.perf_counter() - began)


def moments(steps: int, losses: int) -> int:
    """How often to measure in a run: at most a twentieth of its training goes into it.

    A measurement is a forward pass and K backward ones, 0.8 (1 + K) steps of `sum` with what is
    around them (measured: 2.4 steps at K = 2, 1.7 at K = 4, in the graph without XLA).

    >>> moments(1500, 2), moments(2000, 4), moments(2000, 40), moments(60, 2)
    (31, 25, 3, 2)
    """
    return max(2, round(SHARE * steps / (0.8 * (1 + losses))))


def split(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lengths (S, K) and cosines (S, pairs) from inner products (S, K, K)."""
    gram = gram.astype(float)
    norms = np.sqrt(np.maximum(np.diagonal(gram, axis1=1, axis2=2), 0))  # NaN stays NaN
    first, second = np.triu_indices(gram.shape[1], 1)
    lengths = norms[:, first] * norms[:, second]
    known = np.isfinite(lengths) & (lengths > 0)
    cosines = gram[:, first, second] / np.where(known, lengths, 1.0)
    return norms, np.where(known, np.clip(cosines, -1, 1), np.nan)


def conflict(norms: np.ndarray, cosines: np.ndarray) -> dict[str, np.ndarray]:
    """How the losses' gradients by the shared parameters relate, over the recorded moments.

    Args:
        norms: (N, S, K), of each loss.
        cosines: (N, S, P), of each pair of losses.

    Returns:
        Each (S,), NaN with one loss or nothing known: `norm_ratio`, median over moments of the
        largest norm over the smallest (moments with a norm of 0 have none); `conflict_rate`, share
        of the known pairs and moments with cosine < 0; `mean_cosine` over the same.
    """
    ratio = np.full(norms.shape[1], np.nan)
    if norms.shape[2] > 1:
        fit = np.all(np.isfinite(norms) & (norms > 0), axis=2)
        safe = np.where(fit[..., None], norms, 1.0)
        some = fit.any(axis=0)
        ratios = np.where(fit, safe.max(axis=2) / safe.min(axis=2), np.nan)
        ratio[some] = np.nanmedian(ratios[:, some], axis=0)
    known = np.isfinite(cosines)
    count = known.sum(axis=(0, 2))
    count = np.where(count > 0, count, np.nan)
    below = np.sum(known & (cosines < 0), axis=(0, 2))
    total = np.where(known, cosines, 0).sum(axis=(0, 2))
    return {"norm_ratio": ratio, "conflict_rate": below / count, "mean_cosine": total / count}


def shared(reach: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    """Variables that other than exactly one loss reaches; all of them when there are none.

    >>> shared(((0, 1), (0,), (1,))), shared(((0,), (1,)))
    ((0,), (0, 1))
    """
    found = tuple(i for i, losses in enumerate(reach) if len(losses) > 1)
    return found or tuple(range(len(reach)))


@functools.lru_cache(maxsize=NETWORKS)
def _gram(network: Network, vectorised: bool) -> Callable[..., tf.Tensor]:
    """Inner products (S, K, K) of the losses' gradients, as a function in the graph."""
    variables, plain = shared(network.reach), Strategy()

    def one(seed, data):
        trainable, other, index = seed
        batch = tf.nest.map_structure(lambda value: tf.gather(value, index), data)
        with tf.GradientTape(persistent=True) as tape:
            watched = [trainable[i] for i in variables]
            tape.watch(watched)
            losses = network.losses(plain, trainable, other, batch).values
        return gram_matrix([gradient(tape, loss, watched) for loss in losses])

    return over_runs(one, vectorised=vectorised)
