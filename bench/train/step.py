"""One training step of one seed, as a pure function: what a strategy asks for, and no more."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from ...strategies.core.backward import WAYS, Forward, gradient
from ...strategies.core.presence import Present
from ...strategies.core.products import sum_of_squares
from ...strategies.core.routing import Routing
from ...strategies.core.state import initial_state
from ...strategies.core.weighing import observe
from ..plan.search import NUISANCE
from . import divergence
from .divergence import Divergence
from .optimizers import OPTIMIZERS, SGD, Adam, Slots

if TYPE_CHECKING:
    from ...strategies import Strategy
    from .network import Network


class Carry(NamedTuple):
    """Everything that a step changes, for one seed (or for all of them, stacked)."""

    trainable: list[tf.Tensor]
    other: list[tf.Tensor]  # what layers keep beside weights: moving averages, random seeds
    slots: Slots
    strategy: Any
    divergence: Divergence


class Record(NamedTuple):
    """What a step reports: losses (K,), the strategy's weights (K,), norm of the gradient.

    The loss of a head without a label in the batch is NaN, and its weight 0.
    """

    losses: tf.Tensor
    weights: tf.Tensor
    norm: tf.Tensor


@dataclasses.dataclass(frozen=True)
class Step:
    """The step of one strategy on one network.

    Attributes:
        network: model, losses and optimizers.
        strategy: how the losses make one update.
        heads: what variables that a single loss reaches follow: "own", that loss with weight 1,
            or "weighted", the strategy's weight of it.
        counts: how many losses can have a label in a batch; None: all of them, always.
        nuisance: factor of the weights of nuisance losses; None is 1.
    """

    network: Network
    strategy: Strategy
    heads: str = "own"
    counts: tuple[int, ...] | None = None
    nuisance: tf.Tensor | None = None

    def initial(self, trainable: list[tf.Tensor], other: list[tf.Tensor]) -> Carry:
        """The carry before the first step."""
        num_losses = len(self.network.combined)
        dtype = trainable[0].dtype
        return Carry(
            trainable,
            other,
            self._optimizer.initial(trainable),
            initial_state(self.strategy, num_losses, self.num_shared, dtype),
            divergence.initial(),
        )

    def __call__(
        self,
        carry: Carry,
        batch: Mapping[str, tf.Tensor],
        rate: tf.Tensor,
        noise: tf.Tensor | None,
        step: tf.Tensor,
        hyperparameters: Mapping[str, tf.Tensor] | None = None,
    ) -> tuple[Carry, Record]:
        """Train on one batch.

        Args:
            carry: of one seed.
            batch: arrays (B, ...), "x" among them.
            rate: learning rate of this step.
            noise: the strategy's random input of this step, or None.
            step: number of this step, from 0.
            hyperparameters: values, in place of the strategy's own.
        """
        if hyperparameters:
            return self._tuned(hyperparameters)(carry, batch, rate, noise, step)
        network, strategy = self.network, self.strategy
        features = None
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(carry.trainable)
            if strategy.asks == "features":
                features, forward = network.losses_from_features(
                    strategy, carry.trainable, carry.other, batch, tape
                )
            else:
                forward = network.losses(strategy, carry.trainable, carry.other, batch)
            penalty = tf.add_n(forward.penalties) if forward.penalties else None
        losses = tf.stack(forward.values)
        present = None if self.counts is None else Present(network.present(batch), self.counts)
        weights, gradients, state = WAYS[strategy.asks](
            self.routing,
            Forward(tape, carry.trainable, forward.values, losses, features, present),
            carry.strategy,
            noise,
        )
        if penalty is not None:
            extra = gradient(tape, penalty, carry.trainable)
            gradients = [g + e for g, e in zip(gradients, extra, strict=True)]
        del tape
        norm = tf.sqrt(tf.add_n([sum_of_squares(gradient) for gradient in gradients]))
        factor = strategy.scale(norm)
        if factor is not None:
            gradients = [factor * gradient for gradient in gradients]
        now = divergence.check(carry.divergence, losses, norm, step)
        # A seed that diverged stands still: its rate is 0 and its gradient has no NaN.
        rate = tf.where(now.alive, rate, tf.zeros_like(rate))
        gradients = [tf.where(now.alive, g, tf.zeros_like(g)) for g in gradients]
        trainable, slots = self._optimizer.apply(carry.trainable, gradients, carry.slots, rate)
        trainable = network.constrain(trainable)
        other = [
            tf.where(now.alive, new, old)
            for new, old in zip(forward.other, carry.other, strict=True)
        ]
        if strategy.observes_update:
            after = network.losses(strategy, trainable, carry.other, batch).values
            state = observe(strategy, losses, tf.stack(after), state, present)
        if present is not None:
            losses = tf.where(present.mask, losses, float("nan"))
        return Carry(trainable, other, slots, state, now), Record(losses, weights, norm)

    @property
    def routing(self) -> Routing:
        """Which variables follow the strategy, and what the others follow."""
        network = self.network
        return Routing(
            self.strategy,
            network.reach,
            tuple(-h.weight if h.kind == "nuisance" else 1.0 for h in network.combined),
            self.heads,
            network.groups,
            network.parts[1].trainable if self.strategy.asks == "features" else (),
            self.nuisance,
        )

    @property
    def num_shared(self) -> int:
        """Number of parameters that follow the strategy's weights."""
        variables = self.network.model.trainable_variables
        return sum(math.prod(variables[i].shape) for i in self.routing.shared)

    def _tuned(self, hyperparameters: Mapping[str, tf.Tensor]) -> Step:
        """The step with these values in place of its own."""
        own = dict(hyperparameters)
        factor = own.pop(NUISANCE, None)
        strategy = dataclasses.replace(self.strategy, **own)
        if factor is None or not strategy.literal:
            return dataclasses.replace(self, strategy=strategy, nuisance=factor)
        # A literal strategy was told the weights of nuisances as its own.
        weights = [
            weight * (factor if head.kind == "nuisance" else tf.ones_like(factor))
            for weight, head in zip(vars(strategy)["weights"], self.network.combined, strict=True)
        ]
        strategy = dataclasses.replace(strategy, weights=tf.stack(weights))
        return dataclasses.replace(self, strategy=strategy)

    @property
    def _optimizer(self) -> Adam | SGD:
        return OPTIMIZERS[self.network.task.optimizer]
