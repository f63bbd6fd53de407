"""Which variables follow a strategy's weights, and what the others follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from .contracts import Strategy


@dataclasses.dataclass(frozen=True)
class Routing:
    """The routing of one strategy on one model.

    The strategy sees all losses as they are, positive. A nuisance loss enters the shared variables
    with sign -1 times its weight, and its own head with weight 1 (gradient reversal), unless the
    strategy is literal: then every variable follows the strategy's weights of the plain losses.

    Attributes:
        strategy: whose weights.
        reach: for each trainable variable, the indices of the losses that reach it.
        entries: (K,) with what each loss enters the shared variables: 1, or minus the weight of a
            nuisance.
        heads: what variables that a single loss reaches follow: "own", that loss with weight 1,
            or "weighted", the strategy's weight of it.
        groups: name to losses of each group of variables that the same losses reach.
        inside: variables behind the features, for strategies that ask for the gradients by these.
        nuisance: factor of the weights of nuisance losses; None is 1.
    """

    strategy: Strategy
    reach: tuple[tuple[int, ...], ...]
    entries: tuple[float, ...]
    heads: str = "own"
    groups: Mapping[str, tuple[int, ...]] = dataclasses.field(default_factory=dict)
    inside: tuple[int, ...] = ()
    nuisance: tf.Tensor | None = None

    def follow(self, weights: tf.Tensor) -> list[tuple[tuple[int, ...], tf.Tensor]]:
        """Groups of variables, each with the coefficients (K,) of the losses that train it."""
        if self.routes is not None:
            return [(group, tf.constant(mask, weights.dtype)) for group, mask in self.routes]
        shared = self.shared
        heads = tuple(i for i in range(len(self.reach)) if i not in shared)
        return [(shared, self.signs(weights.dtype) * weights), (heads, tf.ones_like(weights))]

    @property
    def shared(self) -> tuple[int, ...]:
        """Variables that follow the strategy's weights."""
        alone = len(self.entries) == 1  # then everything follows the one loss
        if alone or self.strategy.literal or self.heads == "weighted":
            return tuple(range(len(self.reach)))
        return tuple(i for i, losses in enumerate(self.reach) if len(losses) != 1)

    def signs(self, dtype: tf.DType) -> tf.Tensor:
        """Sign and weight (K,) with which each loss enters the shared variables."""
        if self.strategy.literal:
            return tf.ones(len(self.entries), dtype)
        signs = tf.constant(self.entries, dtype)
        if self.nuisance is None:
            return signs
        nuisances = [entry < 0 for entry in self.entries]
        return signs * tf.where(nuisances, tf.cast(self.nuisance, dtype), tf.ones([], dtype))

    @property
    def routes(self) -> tuple[tuple[tuple[int, ...], tuple[float, ...]], ...] | None:
        """For a strategy that splits: the variables of each group and the mask of its losses."""
        num_losses = len(self.entries)
        routes = self.strategy.routes(self.groups, num_losses)
        if routes is None:
            return None
        return tuple(
            (
                tuple(i for i, losses in enumerate(self.reach) if losses == self.groups[name]),
                tuple(1.0 if k in routes[name] else 0.0 for k in range(num_losses)),
            )
            for name in self.groups
        )
