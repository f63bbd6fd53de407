"""Which variables follow a strategy's weights, and what the others follow."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from ...strategies import Strategy
    from .network import Network


@dataclasses.dataclass(frozen=True)
class Routing:
    """The routing of one strategy on one network.

    The strategy sees all losses as they are, positive. A nuisance loss enters the shared variables
    with sign -1 times its weight, and its own head with weight 1 (gradient reversal), unless the
    strategy is literal: then every variable follows the strategy's weights of the plain losses.

    Attributes:
        network: whose variables.
        strategy: whose weights.
        heads: what variables that a single loss reaches follow: "own", that loss with weight 1,
            or "weighted", the strategy's weight of it.
        nuisance: factor of the weights of nuisance losses; None is 1.
    """

    network: Network
    strategy: Strategy
    heads: str = "own"
    nuisance: tf.Tensor | None = None

    def follow(self, weights: tf.Tensor) -> list[tuple[tuple[int, ...], tf.Tensor]]:
        """Groups of variables, each with the coefficients (K,) of the losses that train it."""
        if self.routes is not None:
            return [(group, tf.constant(mask, weights.dtype)) for group, mask in self.routes]
        shared = self.shared
        heads = tuple(i for i in range(len(self.network.reach)) if i not in shared)
        signs = self.signs(weights.dtype)
        return [(shared, signs * weights), (heads, tf.ones_like(weights))]

    @property
    def num_shared(self) -> int:
        """Number of parameters that follow the strategy's weights."""
        variables = self.network.model.trainable_variables
        return sum(math.prod(variables[i].shape) for i in self.shared)

    @property
    def shared(self) -> tuple[int, ...]:
        """Variables that follow the strategy's weights."""
        reach = self.network.reach
        alone = len(self.network.combined) == 1  # then everything follows the one loss
        if alone or self.strategy.literal or self.heads == "weighted":
            return tuple(range(len(reach)))
        return tuple(i for i, losses in enumerate(reach) if len(losses) != 1)

    def signs(self, dtype: tf.DType) -> tf.Tensor:
        """Sign and weight (K,) with which each loss enters the shared variables."""
        heads = self.network.combined
        if self.strategy.literal:
            return tf.ones(len(heads), dtype)
        nuisances = [head.kind == "nuisance" for head in heads]
        signs = tf.constant(
            [-h.weight if n else 1.0 for h, n in zip(heads, nuisances, strict=True)], dtype
        )
        if self.nuisance is None:
            return signs
        return signs * tf.where(nuisances, tf.cast(self.nuisance, dtype), tf.ones([], dtype))

    @property
    def routes(self) -> tuple[tuple[tuple[int, ...], tuple[float, ...]], ...] | None:
        """For a strategy that splits: the variables of each group and the mask of its losses."""
        num_losses = len(self.network.combined)
        groups = self.network.groups
        routes = self.strategy.routes(groups, num_losses)
        if routes is None:
            return None
        return tuple(
            (
                tuple(i for i, losses in enumerate(self.network.reach) if losses == groups[name]),
                tuple(1.0 if k in routes[name] else 0.0 for k in range(num_losses)),
            )
            for name in groups
        )
