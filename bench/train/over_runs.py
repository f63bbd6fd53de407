"""A function of one run's tensors for all runs together: at once, or one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def over_runs(function: Callable[..., Any], *, vectorised: bool) -> Callable[..., Any]:
    """The function for stacked runs, traced once.

    Args:
        function: (run, *shared) -> a nest of tensors, where `run` is a nest of tensors of one run.
        vectorised: False calls it for one run after the other, for models that do not vectorise.

    Returns:
        (runs, *shared) -> the results, leaves (S, ...), where the leaves of `runs` are (S, ...).

    Example:
        >>> import tensorflow as tf
        >>> doubled = over_runs(lambda run: 2 * run, vectorised=True)
        >>> doubled(tf.constant([1.0, 3.0])).numpy().tolist()
        [2.0, 6.0]
    """
    if not vectorised:
        one = tf.function(function, autograph=False)
        return lambda runs, *shared: _stack([one(run, *shared) for run in _each(runs)])

    def at_once(runs: Any, *shared: Any) -> Any:
        if _count(runs) == 1:  # what does not vectorise can be trained alone
            return _stack([function(run, *shared) for run in _each(runs)])
        return tf.vectorized_map(lambda run: function(run, *shared), runs)

    return tf.function(at_once, autograph=False)


def _count(runs: Any) -> int:
    return tf.nest.flatten(runs)[0].shape[0]


def _each(runs: Any) -> list[Any]:
    return [
        tf.nest.map_structure(lambda leaf, run=run: leaf[run], runs) for run in range(_count(runs))
    ]


def _stack(results: list[Any]) -> Any:
    return tf.nest.map_structure(lambda *leaves: tf.stack(leaves), *results)
