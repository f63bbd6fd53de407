"""Losses that are absent from a step: the strategy combines those that are there, and no others.

A batch without a label of some head has no loss of it. A loss of 0 in its place would not leave it
out: a mean would still divide by K, a shortest vector would be 0, a ratio to it has no meaning.
So a strategy is asked about the n losses that are there, as if there were no others: their
hyperparameters, noise and state are picked out, and what comes back is put in its place. Weights
of absent losses are 0, and what the strategy remembers of them stays as it was.

Shapes are static, and n is not: the answers for every n that can occur are computed, and the one
that holds is chosen. Where nothing can be absent, nothing of this is traced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from .state import initial_state

if TYPE_CHECKING:
    from .contracts import Direction, State, Strategy, Weights

    Rows = Callable[[tf.Tensor], tf.Tensor]  # (K, ...) -> (n, ...)


class Present(NamedTuple):
    """Which losses are there in a step.

    Attributes:
        mask: (K,) bool.
        counts: how many losses can be there at once, one number or several.
    """

    mask: tf.Tensor
    counts: tuple[int, ...]


class Answer(NamedTuple):
    """What a strategy makes of its losses: weights (K,), direction (P,), either None, and state."""

    weights: Weights | None
    direction: Direction | None
    state: State


class Among:
    """Picks what belongs to n of K losses, and puts it back.

    Args:
        mask: (K,) bool, true for the n losses.
        count: n, at least 1.

    Example:
        >>> import tensorflow as tf
        >>> among = Among(tf.constant([True, False, True]), 2)
        >>> among.pick(tf.constant([1.0, 2.0, 3.0])).numpy().tolist()
        [1.0, 3.0]
        >>> among.put(tf.constant([5.0, 6.0]), tf.zeros((3,))).numpy().tolist()
        [5.0, 0.0, 6.0]
    """

    def __init__(self, mask: tf.Tensor, count: int) -> None:
        self.size, self.count = mask.shape[0], count
        rank = tf.cumsum(tf.cast(mask, tf.int32)) - 1
        here = mask & (rank == tf.range(count)[:, None])  # (n, K), one in each row
        self._index = tf.reduce_sum(tf.where(here, tf.range(self.size), 0), axis=1)
        self._place = tf.clip_by_value(rank, 0, count - 1)
        self._mask = mask

    def pick(self, whole: tf.Tensor) -> tf.Tensor:
        """The rows (n, ...) of (K, ...) that belong to the n losses."""
        return tf.gather(whole, self._index)

    def part(self, whole: tf.Tensor, of_all: Any, of_some: Any) -> tf.Tensor:
        """What is left of a strategy's tensor when it has n losses in place of K.

        Args:
            whole: of K losses.
            of_all: shape that the strategy gives it for K losses.
            of_some: and for n: an axis of K in one and n in the other is one of losses; of one
                that is shorter otherwise the first numbers are taken.
        """
        for axis, lengths in enumerate(zip(of_all, of_some, strict=True)):
            if lengths == (self.size, self.count):
                whole = tf.gather(whole, self._index, axis=axis)
            elif lengths[0] != lengths[1]:
                whole = tf.gather(whole, tf.range(lengths[1]), axis=axis)
        return whole

    def put(self, part: tf.Tensor, whole: tf.Tensor) -> tf.Tensor:
        """`whole` with the part of the n losses in its place."""
        mask = tf.constant(True)
        for axis, lengths in enumerate(zip(whole.shape, part.shape, strict=True)):
            if lengths == (self.size, self.count):
                part = tf.gather(part, self._place, axis=axis)
                along = [-1 if other == axis else 1 for other in range(whole.shape.rank)]
                mask &= tf.reshape(self._mask, along)
        return tf.where(mask, part, whole)


def answer(
    strategy: Strategy,
    present: Present,
    state: State,
    noise: tf.Tensor | None,
    ask: Callable[[Strategy, Rows, State, Any], Answer],
) -> Answer:
    """What a strategy makes of the losses that are there.

    Args:
        strategy: of K losses.
        present: which are there.
        state: of the step before, for K losses.
        noise: of this step, for K losses, or None.
        ask: asks a strategy of n losses; takes it, what picks their rows out of (K, ...), their
            state and their noise.
    """
    size = present.mask.shape[0]
    if strategy.roles:
        return _in_place(strategy, present.mask, state, noise, ask)
    many = tf.reduce_sum(tf.cast(present.mask, tf.int32))
    chosen: Answer | None = None
    for count in present.counts:
        if count == 0:
            continue
        if count == size:
            found = ask(strategy, tf.identity, state, noise)
        else:
            among = Among(present.mask, count)
            fewer = strategy.among(among.pick, size)
            few, draws = (
                _state(strategy, fewer, among, state),
                _noise(strategy, fewer, among, noise),
            )
            found = _put(among, ask(fewer, among.pick, few, draws), state)
        if chosen is None:  # when no count holds, nothing is there: no update, the state stays
            chosen = Answer(*(None if x is None else tf.zeros_like(x) for x in found[:2]), state)
        chosen = _where(many == count, found, chosen)
    if chosen is None:
        raise ValueError(f"{strategy.name}: no loss is ever there: expected a count above 0")
    return chosen


def _where(holds: tf.Tensor, new: Any, old: Any) -> Any:
    """One of two nests of tensors; what is None in both stays so."""
    return tf.nest.map_structure(
        lambda new, old: None if new is None else tf.where(holds, new, old), new, old
    )


def _state(strategy: Strategy, fewer: Strategy, among: Among, state: State) -> State:
    of_all, of_some = (
        initial_state(of, losses, 1, tf.float32)
        for of, losses in ((strategy, among.size), (fewer, among.count))
    )
    return tf.nest.map_structure(
        lambda whole, k, n: among.part(whole, k.shape, n.shape), state, of_all, of_some
    )


def _noise(
    strategy: Strategy, fewer: Strategy, among: Among, noise: tf.Tensor | None
) -> tf.Tensor | None:
    of_all, of_some = strategy.noise(among.size, 1), fewer.noise(among.count, 1)
    if noise is None or of_all is None or of_some is None:
        return None
    return among.part(noise, of_all.shape, of_some.shape)


def _put(among: Among, found: Answer, state: State) -> Answer:
    weights, direction, after = found
    if weights is not None:
        weights = among.put(weights, tf.zeros((among.size,), weights.dtype))
    return Answer(weights, direction, tf.nest.map_structure(among.put, after, state))


def _in_place(
    strategy: Strategy,
    mask: tf.Tensor,
    state: State,
    noise: tf.Tensor | None,
    ask: Callable[[Strategy, Rows, State, Any], Answer],
) -> Answer:
    """Where losses have roles by their place, absent ones stay there with value and gradient 0."""

    def there(values: tf.Tensor, otherwise: tf.Tensor) -> tf.Tensor:
        along = tf.reshape(mask, [-1] + [1] * (values.shape.rank - 1))
        return tf.where(along, values, otherwise)

    def of_losses(new: tf.Tensor, old: tf.Tensor) -> tf.Tensor:
        if new.shape.rank and new.shape[0] == mask.shape[0]:
            return there(new, old)
        return new

    weights, direction, after = ask(strategy, lambda t: there(t, tf.zeros_like(t)), state, noise)
    if weights is not None:
        weights = there(weights, tf.zeros_like(weights))
    return Answer(weights, direction, tf.nest.map_structure(of_losses, after, state))
