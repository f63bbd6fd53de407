"""The three contracts of a strategy: what it asks for is what a training step pays for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

import tensorflow as tf

from .asked import Factors, Noise, Range, Situation
from .reductions import masked_mean

if TYPE_CHECKING:
    Losses = tf.Tensor  # (K,)
    Gram = tf.Tensor  # (K, K), inner products of the K gradients
    Gradients = tf.Tensor  # (K, P)
    Weights = tf.Tensor  # (K,)
    Direction = tf.Tensor  # (P,), what the optimizer descends along
    State = Any  # a nest of tensors with static shapes

RESCALES = ("none", "sum_to_k", "mean_norm")
LEVELS = ("parameters", "features")


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclasses.dataclass(frozen=True, kw_only=True)
class Strategy:
    """What every strategy has, whatever its contract.

    A subclass is a frozen dataclass by itself: its annotated attributes are its hyperparameters,
    given by keyword. Its name is the name of its file. Methods are pure: state comes in and goes
    out, shapes are static, and TensorFlow operations alone touch tensors, so that one trace
    serves `tf.function`, XLA and `tf.vectorized_map` (the engine trains all seeds at once).

    Attributes:
        rescale: makes update lengths comparable between methods: "none" keeps the paper's own
            scale, "sum_to_k" scales the weights so that their sizes sum to K, "mean_norm" gives the
            direction the mean length of the K gradients.
        reference: paper or document that defines the method.
        promises: properties that the conformance suite tests, by name.
        degree: p in combine(s * J) = s**p * combine(J), or None when there is no such p.
        search_space: hyperparameter to the range that tuning searches.
        needs_losses: the weights depend on the values of the losses.
        literal: the strategy puts the signs itself, as a difference of losses does: every variable,
            heads included, follows its weights of the plain losses. Otherwise the task's signs and
            the engine's rule for heads hold.
        roles: the losses have roles by their place, as the first one or those that an index names:
            one that is absent from a step stays in its place, with value and gradient 0. Otherwise
            a step without it is one of fewer losses.
        masks_outputs: outputs that the task calls irrelevant are hidden in training and prediction.
    """

    name: ClassVar[str] = "strategy"
    contract: ClassVar[str] = ""
    reference: ClassVar[str] = ""
    promises: ClassVar[tuple[str, ...]] = ()
    degree: ClassVar[float | None] = 1.0
    search_space: ClassVar[Mapping[str, Range | Factors]] = {}
    needs_losses: ClassVar[bool] = False
    literal: ClassVar[bool] = False
    roles: ClassVar[bool] = False
    masks_outputs: ClassVar[bool] = False
    level: ClassVar[str] = "parameters"

    rescale: str = "none"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = cls.__module__.rpartition(".")[2]
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)

    def __post_init__(self) -> None:
        if self.rescale not in RESCALES:
            raise ValueError(
                f"{self.name}: rescale is one of {', '.join(RESCALES)}; got {self.rescale!r}"
            )

    def idle(self, situation: Situation) -> str:
        """Why the strategy has nothing to do in a situation, in a few words; "" where it has.

        Such a strategy is left out of a task, unless it was asked for by name: it would be another
        one under its own name (the sum, most often), and train for nothing.
        """
        return ""

    def among(self, pick: Callable[[tf.Tensor], tf.Tensor], num_losses: int) -> Strategy:
        """The same strategy for some of the losses.

        A hyperparameter of K numbers has one per loss.

        Args:
            pick: takes (K,), returns the numbers (n,) of those losses.
            num_losses: K.
        """
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        picked = {
            name: pick(value if hasattr(value, "dtype") else tf.constant(value, tf.float64))
            for name, value in fields.items()
            if _is_per_loss(value, num_losses)
        }
        return dataclasses.replace(self, **picked) if picked else self

    def init(self, num_losses: int) -> State:
        """State before the first step: a nest of tensors; () when there is none.

        A strategy that keeps gradients asks for `num_parameters` too, as a second argument.
        """
        return ()

    def noise(self, num_losses: int, num_parameters: int) -> Noise | None:
        """Random input that each step needs, or None. It comes as the keyword `noise`."""
        return None

    def scale(self, norm: tf.Tensor) -> tf.Tensor | None:
        """Factor on the finished update, from its global norm; None leaves it as it is."""
        return None

    def after_update(self, losses_before: Losses, losses_after: Losses, state: State) -> State:
        """New state from the losses of the same batch after the update; costs one forward pass."""
        raise NotImplementedError

    def reduce(self, elements: tf.Tensor, observed: tf.Tensor, relevant: tf.Tensor) -> tf.Tensor:
        """One loss from its elements (B, O): the mean over the observed ones.

        Args:
            elements: the unreduced loss; its mean is the loss.
            observed: (B, O), 0 where a label is missing.
            relevant: (O,), 0 for outputs that the task calls irrelevant.
        """
        return masked_mean(elements, observed)

    def routes(self, groups: Mapping[str, tuple[int, ...]], num_losses: int) -> Any:
        """Which losses train which group of variables, each with an optimizer of its own.

        Args:
            groups: name of each variable group to the indices of the losses that reach it.

        Returns:
            None (the engine's rule), or the name of each group to the indices that train it.
        """
        return None

    @property
    def asks(self) -> str:
        """What a step computes: "loss", "features", "gram" or "gradient", the cheapest first."""
        if self.contract == "gram" and self.level == "features":
            return "features"
        return "gram" if self.contract == "loss" and self.rescale == "mean_norm" else self.contract

    @property
    def observes_update(self) -> bool:
        """Whether the strategy looks at the losses after the update."""
        return type(self).after_update is not Strategy.after_update

    @property
    def cost(self) -> str:
        """Cost of a step beyond one forward pass, in passes through the model."""
        dear = {"loss": "1 backward", "features": "1 backward + K of the heads"}
        backward = dear.get(self.asks, "K backward")
        return backward + " + 1 forward" if self.observes_update else backward


def _is_per_loss(value: Any, num_losses: int) -> bool:
    if hasattr(value, "dtype"):
        return tuple(value.shape) == (num_losses,)
    return isinstance(value, (tuple, list)) and len(value) == num_losses


class LossStrategy(Strategy):
    """Combines the values of the losses: one backward pass, as cheap as the sum."""

    contract = "loss"

    def objective(self, losses: Losses, state: State) -> tuple[tf.Tensor, State]:
        """The scalar to minimise, and the next state. Weights are its derivative by the losses."""
        raise NotImplementedError


class GramStrategy(Strategy):
    """Weighs the gradients by their inner products: K backward passes.

    Hyperparameters:
        level: whose gradients. "parameters": those of all shared parameters. "features": those of
            the last tensor that all losses depend on, and the shared parameters follow their
            weighted sum in one backward pass. Cheaper, above all with many losses, and another
            method: what a method promises holds for the features and no more (an upper bound of
            the parameters' problem, Sener & Koltun 2018, arXiv 1810.04650, section 3.3).
    """

    contract = "gram"

    level: str = "parameters"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.level not in LEVELS:
            raise ValueError(
                f"{self.name}: level is one of {', '.join(LEVELS)}; got {self.level!r}"
            )

    def weights(self, gram: Gram, losses: Losses, state: State) -> tuple[Weights, State]:
        """Weights (K,) of the gradients, and the next state."""
        raise NotImplementedError


class GradientStrategy(Strategy):
    """Works on the gradients themselves: K backward passes and K * P numbers at once.

    Write `combine`, or `weigh` when the direction is a linear combination of the gradients.
    """

    contract = "gradient"

    def weigh(self, gradients: Gradients, losses: Losses, state: State) -> tuple[Weights, State]:
        """Weights (K,) of the gradients, and the next state."""
        raise NotImplementedError

    def combine(
        self, gradients: Gradients, losses: Losses, state: State
    ) -> tuple[Direction, State]:
        """The direction (P,), and the next state."""
        raise NotImplementedError

    @property
    def linear(self) -> bool:
        """Whether the direction is a linear combination with known weights."""
        return type(self).weigh is not GradientStrategy.weigh
